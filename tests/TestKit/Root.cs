namespace EtcdFleet.TestKit;

/// <summary>The repository's root: the folder above the tests' executable that holds the solution.</summary>
internal static class Root
{
    public static string Path { get; } = Find();

    /// <summary>A file below the root.</summary>
    public static string Of(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "EtcdFleet.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no EtcdFleet.sln above {AppContext.BaseDirectory}, expected the tests to run from within the repository");
    }
}
