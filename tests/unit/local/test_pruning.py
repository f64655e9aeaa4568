from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.pruning import LeftOut, Pruning

ODD = "AWS::Odd::Thing"


def template(
    resources: dict[str, Any], outputs: dict[str, Any] | None = None, name: str = "Shop"
) -> Template:
    content = {"Resources": resources, "Outputs": outputs or {}}
    return Template(name, Path(f"{name}.template.json"), content)


def prune(*roots: Template) -> Pruning:
    def can_deploy(root: Template, logical_id: str) -> bool:
        return bool(root.resources[logical_id]["Type"] != ODD)

    return Pruning(roots, can_deploy)


def thing(properties: Any = None, **attributes: Any) -> dict[str, Any]:
    return {"Type": "AWS::Known::Thing", "Properties": properties or {}, **attributes}


def properties(root: Template, logical_id: str) -> Any:
    return root.resources[logical_id]["Properties"]


def test_what_can_be_deployed_stays_as_it_is() -> None:
    root = template({"A": thing({"Name": {"Ref": "B"}}, DependsOn=["B"]), "B": thing()})
    before = str(root.content)

    pruning = prune(root)

    assert str(root.content) == before
    assert (pruning.left_out, pruning.lost) == ([], [])


def test_a_resource_that_cannot_be_deployed_is_left_out_and_named() -> None:
    root = template({"Odd": {"Type": ODD}, "Known": thing()})

    pruning = prune(root)

    assert [*root.resources] == ["Known"]
    assert pruning.left_out == [LeftOut("Shop", "Odd", ODD)]


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "Odd"},
        {"Fn::GetAtt": ["Odd", "Arn"]},
        {"Fn::GetAtt": "Odd.Arn"},
        {"Fn::Sub": "arn:${Odd}:x"},
        {"Fn::Sub": "arn:${Odd.Arn}:x"},
        {"Fn::Sub": ["${name}", {"name": {"Ref": "Odd"}}]},
        {"Fn::Join": ["", ["a", {"Ref": "Odd"}]]},
        {"Fn::If": ["Live", {"Fn::GetAtt": ["Odd", "Arn"]}, "none"]},
        {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Odd"}]}]},
    ],
)
def test_a_property_that_refers_to_it_goes_and_is_named(reference: Any) -> None:
    root = template({"Odd": {"Type": ODD}, "Known": thing({"Target": reference, "Size": 1})})

    pruning = prune(root)

    assert properties(root, "Known") == {"Size": 1}
    assert pruning.lost == ["Shop.Known.Target"]


@pytest.mark.parametrize(
    "harmless",
    [
        {"Fn::Sub": ["${Odd}", {"Odd": "mine"}]},
        {"Fn::Sub": "${!Odd} ${AWS::Region}"},
        {"Fn::GetAtt": ["Other", "Odd"]},
        "Odd",
    ],
)
def test_what_only_looks_like_a_reference_stays(harmless: Any) -> None:
    root = template({"Odd": {"Type": ODD}, "Other": thing(), "Known": thing({"Name": harmless})})

    assert prune(root).lost == []
    assert properties(root, "Known") == {"Name": harmless}


def test_a_list_loses_the_item_and_an_emptied_one_goes() -> None:
    targets = [{"Ref": "Odd"}, "b", {"Id": {"Ref": "Odd"}, "Port": 1}]
    root = template(
        {
            "Odd": {"Type": ODD},
            "Known": thing({"Targets": targets, "Only": [{"Ref": "Odd"}], "Empty": []}),
        }
    )

    pruning = prune(root)

    assert properties(root, "Known") == {"Targets": ["b", {"Port": 1}], "Empty": []}
    assert pruning.lost == [
        "Shop.Known.Targets.0",
        "Shop.Known.Targets.2.Id",
        "Shop.Known.Only.0",
    ]


def test_dependencies_outputs_and_code_deploy_go() -> None:
    root = template(
        {
            "Odd": {"Type": ODD},
            "One": thing(DependsOn="Odd"),
            "Two": thing(DependsOn=["Odd", "One"]),
            "Alias": thing(
                UpdatePolicy={"CodeDeployLambdaAliasUpdate": {"ApplicationName": {"Ref": "Odd"}}}
            ),
        },
        {"OddArn": {"Value": {"Fn::GetAtt": ["Odd", "Arn"]}}, "Name": {"Value": "shop"}},
    )

    pruning = prune(root)

    assert "DependsOn" not in root.resources["One"]
    assert root.resources["Two"]["DependsOn"] == ["One"]
    assert root.resources["Alias"]["UpdatePolicy"] == {}
    assert [*root.content["Outputs"]] == ["Name"]
    assert pruning.lost == [
        "Shop.Alias.UpdatePolicy.CodeDeployLambdaAliasUpdate",
        "Shop.Outputs.OddArn",
    ]


def test_a_statement_about_it_goes_and_a_policy_without_statements_too() -> None:
    def statement(resource: Any) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": "s3:Get*", "Resource": resource}

    def policy(*resources: Any) -> dict[str, Any]:
        statements = [statement(resource) for resource in resources]
        document = {"Version": "2012-10-17", "Statement": statements}
        return {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyDocument": document, "Roles": ["r"]},
        }

    odd = {"Fn::GetAtt": ["Odd", "Arn"]}
    root = template(
        {
            "Odd": {"Type": ODD},
            "Mixed": policy(odd, "arn:b", ["arn:c", odd]),
            "Void": policy(odd),
            "Waits": thing(DependsOn=["Void"]),
        }
    )

    pruning = prune(root)

    kept = properties(root, "Mixed")["PolicyDocument"]["Statement"]
    assert [each["Resource"] for each in kept] == ["arn:b", ["arn:c"]]
    assert LeftOut("Shop", "Void", "AWS::IAM::Policy") in pruning.left_out
    assert "DependsOn" not in root.resources["Waits"]
    assert pruning.lost == [
        "Shop.Mixed.PolicyDocument.Statement.0.Resource",
        "Shop.Mixed.PolicyDocument.Statement.2.Resource.1",
        "Shop.Void.PolicyDocument.Statement.0.Resource",
    ]


def test_losses_cross_nested_stacks_in_both_directions() -> None:
    child = template(
        {
            "ChildOdd": {"Type": ODD},
            "Inner": thing({"FromParent": {"Ref": "Given"}, "Own": 1}),
        },
        {"ChildOddArn": {"Value": {"Ref": "ChildOdd"}}},
        name="Shop/Child",
    )
    child.content["Parameters"] = {"Given": {"Type": "String"}, "Other": {"Type": "String"}}
    root = template(
        {
            "Odd": {"Type": ODD},
            "Child": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": "url",
                    "Parameters": {"Given": {"Ref": "Odd"}, "Other": "x"},
                },
            },
            "Reader": thing({"Arn": {"Fn::GetAtt": ["Child", "Outputs.ChildOddArn"]}, "Own": 1}),
        }
    )
    root.nested["Child"] = child

    prune(root)

    assert properties(root, "Child")["Parameters"] == {"Other": "x"}
    assert [*child.content["Parameters"]] == ["Other"]
    assert properties(child, "Inner") == {"Own": 1}
    assert properties(root, "Reader") == {"Own": 1}
    assert child.content["Outputs"] == {}


@pytest.mark.parametrize(
    "reference",
    [
        {"Fn::ImportValue": "Shop:OddArn"},
        {"Fn::GetStackOutput": {"StackName": "Shop", "OutputName": "OddArn"}},
    ],
)
def test_losses_cross_stacks(reference: Any) -> None:
    value = {"Value": {"Ref": "Odd"}, "Export": {"Name": "Shop:OddArn"}}
    producer = template({"Odd": {"Type": ODD}}, {"OddArn": value})
    consumer = template({"Known": thing({"Arn": reference, "Own": 1})}, name="Front")

    assert "Front.Known.Arn" in prune(consumer, producer).lost
    assert properties(consumer, "Known") == {"Own": 1}
