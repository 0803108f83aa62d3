"""The composed documents for tests, and the stock validator over them."""

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from slm_net.schema import catalogue

NAMES = ("net", "spec", *catalogue.KINDS, *catalogue.BLOCKS, *catalogue.ARC)
DOCUMENTS = {name: catalogue.document(name) for name in NAMES}


RESOURCES = Registry().with_resources(
    (f"{name}.schema.json", DRAFT202012.create_resource(document)) for name, document in DOCUMENTS.items()
)


def stock(name, pointer=""):
    """The stock validator of a document, or of a part of it."""
    return Draft202012Validator({"$ref": f"{name}.schema.json#{pointer}"}, registry=RESOURCES)
