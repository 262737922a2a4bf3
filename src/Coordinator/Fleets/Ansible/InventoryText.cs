namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Reads one of an inventory's files.</summary>
internal static class InventoryText
{
    /// <summary>Nobody writes as much; a link to a device would have no end.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Its text, or null when it cannot be read.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="problem">Called when it cannot be read.</param>
    public static string? Read(string path, TextPlace place, Action<TextPlace, string> problem)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (!stream.CanSeek || stream.Length > MostBytes)
            {
                problem(place, $"found a file of more than {MostBytes / 1024 / 1024} MB or no file at all, expected an inventory's");
                return null;
            }

            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem(place, $"found a file that cannot be read ({error.Message}), expected a part of the inventory");
            return null;
        }
    }
}
