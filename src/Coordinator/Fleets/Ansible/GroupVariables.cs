using System.Globalization;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Variables of groups as hosts files have them. In group_vars a priority is a variable like any other, as Ansible has it.</summary>
internal static class GroupVariables
{
    private const string Priority = "ansible_group_priority";

    public static void Set(InventoryGroup group, string name, YamlPart value, Action<TextPlace, string> problem)
    {
        if (name != Priority)
        {
            group.Variables[name] = value;
        }
        else if (value is YamlPart.Scalar scalar && int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
        {
            group.Priority = priority;
        }
        else
        {
            problem(value.Place, $"found {value.Kind} as {Priority}, expected a number");
        }
    }
}
