using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.History;

/// <summary>Histories that a sound etcd may have given: several clients at a time, answers lost, writes that come late or never.</summary>
internal static class GeneratedHistory
{
    /// <param name="seed">Another one, another history.</param>
    /// <param name="calls">How many.</param>
    /// <param name="clients">How many at a time.</param>
    public static List<RegisterOperation> Of(int seed, int calls = 120, int clients = 4)
    {
        var chance = new Random(seed);
        var (history, open, late) = (new List<RegisterOperation>(), new Dictionary<int, Open>(), new List<Open>());
        var (values, revision, moment, next) = (new Dictionary<string, long>(), 1L, 0L, 0L);
        while (history.Count < calls)
        {
            var client = chance.Next(clients);
            if (!open.TryGetValue(client, out var call))
            {
                var key = $"k{chance.Next(2)}";
                // What it expects is mostly what is there, and sometimes stale.
                var expected = chance.Next(4) == 0 ? chance.Next(1, 9) : values.GetValueOrDefault(key);
                open[client] = new(key, chance.Next(3) == 0 ? null : expected, ++next + 10, ++moment);
                continue;
            }

            open.Remove(client);
            if (call.Expected is not null && chance.Next(6) == 0)
            {
                // Its answer is lost: it is done now, later, or never.
                history.Add(new() { Key = call.Key, Expected = call.Expected, Value = call.Value, Outcome = RegisterOutcome.Unknown, Invoked = call.Invoked, Returned = long.MaxValue });
                if (chance.Next(2) == 0)
                {
                    late.Add(call);
                }
            }
            else
            {
                history.Add(Answer(call));
            }

            if (late.Count > 0 && chance.Next(2) == 0)
            {
                Take(late[0]);
                late.RemoveAt(0);
            }
        }

        return history;

        bool Take(Open call)
        {
            if (values.GetValueOrDefault(call.Key) != call.Expected)
            {
                return false;
            }

            (values[call.Key], revision) = (call.Value, revision + 1);
            return true;
        }

        RegisterOperation Answer(Open call)
        {
            var done = call.Expected is null || Take(call);
            return new()
            {
                Key = call.Key, Expected = call.Expected, Value = call.Expected is null ? values.GetValueOrDefault(call.Key) : call.Value,
                Outcome = done ? RegisterOutcome.Done : RegisterOutcome.Refused, Revision = revision, Invoked = call.Invoked, Returned = ++moment,
            };
        }
    }

    private sealed record Open(string Key, long? Expected, long Value, long Invoked);
}
