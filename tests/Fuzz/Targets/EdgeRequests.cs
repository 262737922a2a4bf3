using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>Messages with values at the edges of what their fields can hold, by descriptor: a new field needs nothing here.</summary>
internal sealed class EdgeRequests(Random random)
{
    private static readonly string[] Texts =
    [
        "", "a", "..", ".", "/", "../../etc/passwd", "/etc/shadow", "a\nb", "a\0b", new('x', 70), new('y', 5000), "3.6.6", "3.6.6-rc.0", "v3.6.6", "3.6.6/../..", "operation-1", "operation-2", "-rf", "--help", "é", "\u202E", "\U0001F600",
        "https://127.0.0.1:1/${version}", "http://127.0.0.1:1/etcd-${arch}.tar.gz", "file:///etc/passwd", "https://a b/", "https://[::1", "https://user:pass@127.0.0.1:1/", "https://10.66.0.11:2379", "patches", "cp1", "snapshot.db", "20261125T190000Z.db",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "E3B0C442", "zz", "$(id)", "`id`", "%s%n", "'", "\"", "0", "-1", "18446744073709551616", "true", "null",
    ];

    private static readonly ulong[] Numbers = [0, 1, 2, 3, 7, 100, 3_600_000, 3_600_001, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue];

    public IMessage Of(MessageDescriptor type, int depth = 0)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InFieldNumberOrder().Where(field => !field.IsMap && (field.Name == "operation" || random.Next(4) > 0)))
        {
            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var count = random.Next(5) == 0 ? 300 : random.Next(4); count > 0; count--)
                {
                    list.Add(Value(field, depth));
                }
            }
            else if (depth < 8)
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        return message;
    }

    private object Value(FieldDescriptor field, int depth)
    {
        var number = Numbers[random.Next(Numbers.Length)];
        return field.FieldType switch
        {
            FieldType.String => Texts[random.Next(Texts.Length)],
            FieldType.Bool => random.Next(2) == 0,
            FieldType.Bytes => ByteString.CopyFrom(new byte[random.Next(100)]),
            FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Next(4) == 0 ? 77 : random.Next(3)),
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => unchecked((int)number),
            FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)number),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => unchecked((long)number),
            FieldType.UInt64 or FieldType.Fixed64 => number,
            FieldType.Double => double.NaN,
            FieldType.Float => float.NaN,
            FieldType.Message when field.MessageType == Operation.Descriptor && random.Next(4) > 0 => TestLease.Operation($"operation-{random.Next(1_000_000)}"),
            FieldType.Message => Of(field.MessageType, depth + 1),
            _ => throw new NotSupportedException($"a field of the kind {field.FieldType}"),
        };
    }
}
