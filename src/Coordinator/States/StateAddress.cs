using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.States;

/// <summary>An etcd for the fleet's state, as <c>--state</c> names it: <c>etcd://HOST:PORT[,HOST:PORT…][/PREFIX]</c>.</summary>
/// <remarks><c>etcd</c> is TLS, always. Plain HTTP has a scheme of its own, <c>etcd+insecure</c>, so that nobody gets it by a slip.</remarks>
internal sealed partial record StateAddress
{
    private const string Tls = "etcd";
    private const string Plain = "etcd+insecure";
    private const string StandardPrefix = "/etcdfleet";

    private StateAddress(bool secure, IReadOnlyList<Uri> endpoints, string prefix) => (Secure, Endpoints, Prefix) = (secure, endpoints, prefix);

    public bool Secure { get; }

    /// <summary>Members of the one etcd; any of them will do.</summary>
    public IReadOnlyList<Uri> Endpoints { get; }

    /// <summary>What all keys begin with, without a slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>It is meant as a URL, right or wrong: no folder's name has "://" in it.</summary>
    public static bool IsMeant(string state) => state.Contains("://", StringComparison.Ordinal) || state.StartsWith($"{Tls}:", StringComparison.Ordinal) || state.StartsWith($"{Tls}+", StringComparison.Ordinal);

    /// <exception cref="FormatException">What is wrong with it: found, expected.</exception>
    public static StateAddress Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || match.Groups["scheme"].Value is not (Tls or Plain) || match.Groups["rest"].Length > 0)
        {
            throw Wrong(text, match.Groups["rest"].Length > 0 ? "; nothing comes after the prefix" : "");
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            throw new FormatException("found a user in the URL, expected HOST:PORT alone: who calls is said by the client certificate in --state-pki"); // and it is not repeated here
        }

        var secure = match.Groups["scheme"].Value == Tls;
        var endpoints = match.Groups["hosts"].Value.Split(',').Select(host => Endpoint(text, host, secure)).Distinct().ToList();
        var prefix = match.Groups["prefix"].Value.TrimEnd('/');
        return prefix.Length == 0 || PrefixPattern().IsMatch(prefix)
            ? new(secure, endpoints, prefix.Length == 0 ? StandardPrefix : prefix)
            : throw Wrong(text, "; a prefix is names of letters, digits, '-', '_' and '.', with '/' between them");
    }

    public override string ToString() => $"{(Secure ? Tls : Plain)}://{string.Join(',', Endpoints.Select(endpoint => $"{endpoint.Host}:{endpoint.Port}"))}{Prefix}";

    private static Uri Endpoint(string text, string host, bool secure) =>
        HostPattern().IsMatch(host) && Uri.TryCreate($"{(secure ? "https" : "http")}://{host}", UriKind.Absolute, out var endpoint) && endpoint.Port is > 0 and <= 65535
            ? endpoint
            : throw Wrong(text, $"; '{host}' is no HOST:PORT");

    private static FormatException Wrong(string text, string why) =>
        new($"found '{text}', expected a folder, or {Tls}://HOST:PORT[,HOST:PORT...][/PREFIX] for an etcd with TLS, {Plain}://... for one without{why}");

    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<hosts>[^/?#]*)(?<prefix>/[^?#]*)?(?<rest>[?#].*)?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?):[0-9]{1,5}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    [GeneratedRegex(@"^(?:/[0-9A-Za-z][0-9A-Za-z._-]*)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixPattern();
}
