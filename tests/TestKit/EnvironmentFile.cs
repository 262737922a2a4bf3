using System.Text;

namespace EtcdFleet.TestKit;

/// <summary>Reads a file as systemd's EnvironmentFile= does (its parse_env_file, written anew from its description in systemd.exec(5)).</summary>
internal static class EnvironmentFile
{
    private enum State
    {
        Key,
        BeforeValue,
        Plain,
        PlainEscape,
        Single,
        Double,
        DoubleEscape,
        Comment,
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text)
    {
        var found = new List<KeyValuePair<string, string>>();
        var (key, value, blanks) = (new StringBuilder(), new StringBuilder(), 0);
        var state = State.Key;
        foreach (var c in text + "\n")
        {
            if (c == '\n' && state is State.Key or State.Comment)
            {
                (key, state) = (key.Clear(), State.Key);
                continue;
            }

            if (c == '\n' && state is State.BeforeValue or State.Plain)
            {
                found.Add(new(key.ToString().Trim(), value.ToString(0, value.Length - blanks)));
                (key, value, blanks, state) = (key.Clear(), value.Clear(), 0, State.Key);
                continue;
            }

            switch (state)
            {
                case State.Key when key.Length == 0 && c is '#' or ';':
                    state = State.Comment;
                    break;
                case State.Key when c == '=':
                    state = State.BeforeValue;
                    break;
                case State.Key:
                    key.Append(c);
                    break;
                case State.BeforeValue or State.Plain when c == '\'':
                    (state, blanks) = (State.Single, 0);
                    break;
                case State.BeforeValue or State.Plain when c == '"':
                    (state, blanks) = (State.Double, 0);
                    break;
                case State.BeforeValue when c is ' ' or '\t':
                    break;
                case State.BeforeValue or State.Plain when c == '\\':
                    (state, blanks) = (State.PlainEscape, 0);
                    break;
                case State.BeforeValue or State.Plain:
                    (state, blanks) = (State.Plain, c is ' ' or '\t' ? blanks + 1 : 0);
                    value.Append(c);
                    break;
                case State.PlainEscape:
                    state = State.Plain;
                    value.Append(c == '\n' ? "" : c);
                    break;
                case State.Single when c == '\'':
                case State.Double when c == '"':
                    state = State.BeforeValue;
                    break;
                case State.Double when c == '\\':
                    state = State.DoubleEscape;
                    break;
                case State.DoubleEscape:
                    state = State.Double;
                    value.Append("\"\\`$".Contains(c, StringComparison.Ordinal) ? c.ToString() : c == '\n' ? "" : $"\\{c}");
                    break;
                case State.Single or State.Double:
                    value.Append(c);
                    break;
                default:
                    break;
            }
        }

        return found;
    }
}
