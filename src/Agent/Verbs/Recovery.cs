namespace EtcdFleet.Agent.Verbs;

/// <summary>The way of most verbs.</summary>
internal static class Recovery
{
    /// <summary>Runs the verb once more, to its end: what is done already, it finds done.</summary>
    public static async Task<TResponse?> FinishAsync<TRequest, TResponse>(this IRecover<TRequest, TResponse> verb, TRequest request, CancellationToken cancellationToken)
        where TResponse : class => await verb.RunAsync(request, VerbContext.Silent, cancellationToken);
}
