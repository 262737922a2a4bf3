namespace EtcdFleet.TestKit;

/// <summary>A real etcd, for the tests that must not believe a double.</summary>
internal static class EtcdBinaries
{
    /// <summary>$ETCDFLEET_TEST_ETCD, else artifacts/etcd/trixie, where get-etcd.sh puts it.</summary>
    /// <exception cref="InvalidOperationException">There is none. A test that needs one fails then; it is never skipped.</exception>
    public static string Folder => Find();

    public static string At(string program) => Path.Combine(Folder, program);

    private static string Find()
    {
        var given = Environment.GetEnvironmentVariable("ETCDFLEET_TEST_ETCD");
        var folder = string.IsNullOrEmpty(given) ? Path.Combine(Repository(), "artifacts", "etcd", "trixie") : given;
        return File.Exists(Path.Combine(folder, "etcd")) && File.Exists(Path.Combine(folder, "etcdutl"))
            ? folder
            : throw new InvalidOperationException($"{folder} has no etcd and etcdutl. Run tests/TestKit/get-etcd.sh artifacts/etcd/trixie, or set ETCDFLEET_TEST_ETCD to a folder that has them.");
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EtcdFleet.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
