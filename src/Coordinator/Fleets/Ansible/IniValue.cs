using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The value of a variable in an INI file: what Python takes for a literal (a number, True, a quoted text, a list, a mapping) is that,
/// anything else a text as it stands.</summary>
internal sealed partial class IniValue
{
    private const int DeepestNesting = 32;

    private readonly string _text;
    private readonly TextPlace _place;
    private int _at;

    private IniValue(string text, TextPlace place)
    {
        _text = text;
        _place = place;
    }

    /// <summary>Reads one value.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="place">Where it begins.</param>
    public static YamlPart Read(string text, TextPlace place)
    {
        var reader = new IniValue(text, place);
        return reader.Whole() ?? new YamlPart.Scalar(place.Line, place.Column, text, false) { File = place.File };
    }

    // Null, here and below: no literal.
    private YamlPart? Whole()
    {
        if (Expression(0) is not { } first)
        {
            return null;
        }

        // 1, 2 is a tuple also without its parentheses.
        var items = new List<YamlPart> { first };
        var isTuple = false;
        while (Take(','))
        {
            isTuple = true;
            if (AtEnd())
            {
                break;
            }

            if (Expression(0) is not { } next)
            {
                return null;
            }

            items.Add(next);
        }

        return !AtEnd() ? null : isTuple ? Sequence(items) : first;
    }

    private YamlPart? Expression(int depth)
    {
        Space();
        if (_at == _text.Length || depth > DeepestNesting)
        {
            return null;
        }

        switch (_text[_at])
        {
            case '[':
                return Items(']', depth) is (var list, _) ? Sequence(list) : null;
            case '(':
                return Items(')', depth) is (var inner, var commas) ? (commas == 0 && inner.Count == 1 ? inner[0] : Sequence(inner)) : null;
            case '{':
                return Braces(depth);
            case var _ when Words().Match(_text, _at) is { Success: true } word:
                _at += word.Length;
                return Scalar(word.Value == "None" ? "null" : word.Value, true);
            case var _ when PythonText.Opens(_text, _at):
                return Text();
            default:
                return Number();
        }
    }

    // With what stands between brackets, and the number of commas.
    private (List<YamlPart> Items, int Commas)? Items(char close, int depth)
    {
        _at++;
        var items = new List<YamlPart>();
        var commas = 0;
        while (!Take(close))
        {
            if (items.Count > commas || Expression(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
            commas += Take(',') ? 1 : 0;
        }

        return (items, commas);
    }

    private YamlPart? Braces(int depth)
    {
        _at++;
        var entries = new List<(YamlPart.Scalar Key, YamlPart Value)>();
        var isSet = false;
        var readable = true;
        var commas = 0;
        for (var count = 0; !Take('}'); count++)
        {
            if (count > commas || Expression(depth + 1) is not { } key)
            {
                return null;
            }

            if (!Take(':'))
            {
                isSet = true;
            }
            else if (Expression(depth + 1) is not { } value)
            {
                return null;
            }
            else if (key is YamlPart.Scalar name)
            {
                _ = entries.RemoveAll(entry => entry.Key.Value == name.Value);
                entries.Add((name, value));
            }
            else
            {
                readable = false;
            }

            commas += Take(',') ? 1 : 0;
        }

        return isSet || !readable
            ? new YamlPart.Unreadable(_place.Line, _place.Column, isSet ? "a set" : "a mapping whose keys are no words") { File = _place.File }
            : new YamlPart.Mapping(_place.Line, _place.Column, entries) { File = _place.File };
    }

    private YamlPart? Text()
    {
        var whole = "";
        var isBytes = false;
        do
        {
            if (PythonText.Read(_text, _at) is not { } piece)
            {
                return null;
            }

            // Texts side by side are one.
            whole += piece.Text;
            isBytes |= piece.IsBytes;
            _at = piece.End;
            Space();
        }
        while (PythonText.Opens(_text, _at));

        return isBytes ? new YamlPart.Unreadable(_place.Line, _place.Column, "bytes (b'…')") { File = _place.File } : Scalar(whole, false);
    }

    private YamlPart.Scalar? Number()
    {
        if (Numbers().Match(_text, _at) is not { Success: true } number)
        {
            return null;
        }

        _at += number.Length;
        return Scalar(number.Value, true);
    }

    private YamlPart.Scalar Scalar(string value, bool plain) => new(_place.Line, _place.Column, value, plain) { File = _place.File };

    private YamlPart.Sequence Sequence(List<YamlPart> items) => new(_place.Line, _place.Column, items) { File = _place.File };

    private bool Take(char letter)
    {
        Space();
        if (_at < _text.Length && _text[_at] == letter)
        {
            _at++;
            return true;
        }

        return false;
    }

    // A comment after a literal is one; after anything else it is part of the text.
    private bool AtEnd()
    {
        Space();
        return _at == _text.Length || _text[_at] == '#';
    }

    private void Space()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\f')
        {
            _at++;
        }
    }

    [GeneratedRegex(@"\G(?:True|False|None)(?!\w)", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    // 007 is no number to Python, 1_000 is one.
    [GeneratedRegex(
        @"\G[-+]?(?:(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9]+)?|[0-9](?:_?[0-9])*(?:\.(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"
        + @"|0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?[0-9])*)(?![\w.])", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
