using System.Globalization;
using System.Text;

namespace EtcdFleet.Agent.Endpoints.Interceptors;

/// <summary>Messages as they can be sent: in a status they stand twice in the headers, of which a client takes 64 KiB in all.</summary>
internal static class StatusText
{
    /// <summary>Bytes of UTF-8. Percent-encoded they become three times as many at worst, and in the details a third more: 35 KiB together.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>The message, without its middle where it is longer: what was found stands at its beginning, the end of a journal at its end.</summary>
    public static string Fit(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        if (bytes.Length <= MaxBytes)
        {
            return message;
        }

        const int Half = MaxBytes / 2;
        var (head, tail) = (Half, bytes.Length - Half);
        while (IsWithinCharacter(bytes[head]))
        {
            head--;
        }

        while (IsWithinCharacter(bytes[tail]))
        {
            tail++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(bytes, 0, head)} … {tail - head} bytes left out … {Encoding.UTF8.GetString(bytes, tail, bytes.Length - tail)}");
    }

    private static bool IsWithinCharacter(byte part) => (part & 0b1100_0000) == 0b1000_0000;
}
