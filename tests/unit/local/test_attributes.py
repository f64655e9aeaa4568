from __future__ import annotations

from pathlib import Path

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.attributes import spell_out_attributes


def test_a_vpcs_range_is_what_its_template_says() -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    rule = {"CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "FromPort": 80}
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [rule]}}
    output = {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}
    content = {"Resources": {"Vpc": vpc, "Group": group}, "Outputs": {"Range": output}}
    template = Template("Shop", Path("Shop.json"), content)

    spell_out_attributes([template])

    assert template.resources["Group"]["Properties"] == {
        "SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16", "FromPort": 80}]
    }
    assert template.content["Outputs"] == {"Range": {"Value": "10.0.0.0/16"}}


def test_other_attributes_stay_references() -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"Ipv4IpamPoolId": "pool"}}
    values = [
        {"Fn::GetAtt": ["Vpc", "VpcId"]},
        {"Fn::GetAtt": ["Vpc", "CidrBlock"]},
        {"Fn::GetAtt": ["Parameter", "CidrBlock"]},
        {"Ref": "Vpc"},
    ]
    thing = {"Type": "AWS::Known::Thing", "Properties": {"Values": values}}
    template = Template("Shop", Path("Shop.json"), {"Resources": {"Vpc": vpc, "It": thing}})

    spell_out_attributes([template])

    assert template.resources["It"] == thing
