using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>What a YAML tag makes of a value.</summary>
internal static class AnsibleTags
{
    private const string Standard = "tag:yaml.org,2002:";

    /// <summary>A scalar as written, its tag not yet considered.</summary>
    public static YamlPart Of(Scalar scalar)
    {
        var plain = scalar.Style == ScalarStyle.Plain;
        return new YamlPart.Scalar((int)scalar.Start.Line, (int)scalar.Start.Column, plain && scalar.Value is "Null" or "NULL" ? "null" : scalar.Value, plain);
    }

    public static YamlPart Judge(YamlPart part, TagName tag)
    {
        if (tag.IsEmpty || tag.IsNonSpecific)
        {
            return part is YamlPart.Scalar scalar && !tag.IsEmpty ? scalar with { Plain = false } : part;
        }

        return (part, tag.Value) switch
        {
            (_, "!vault" or "!vault-encrypted") => new YamlPart.Unreadable(part.Line, part.Column, "a value that Ansible Vault has encrypted"),
            // Ansible does not look for {{ }} in such a value, so one that has braces would have to be told apart from all others.
            (YamlPart.Scalar scalar, "!unsafe") when !Template.IsIn(scalar.Value) => scalar with { Plain = false },
            (YamlPart.Scalar scalar, Standard + "str") => scalar with { Plain = false },
            (YamlPart.Scalar scalar, Standard + "int" or Standard + "float" or Standard + "bool" or Standard + "null") => scalar with { Plain = true },
            (YamlPart.Sequence, Standard + "seq") or (YamlPart.Mapping, Standard + "map") => part,
            _ => new YamlPart.Unreadable(part.Line, part.Column, $"a value with the tag {tag.Value}"),
        };
    }
}
