namespace KisFeed.Client;

/// <summary>Operations of other libraries that notice their cancellation late, or report it with another exception.</summary>
internal static class AbandonedTask
{
    /// <summary>
    /// Waits for something that is being opened. After a cancellation it is not waited for, and disposed of when it comes.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<T> OrAbandonAsync<T>(this ValueTask<T> opening, CancellationToken cancellationToken)
        where T : IAsyncDisposable
    {
        var opened = opening.AsTask();
        try
        {
            return await opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            _ = DisposeAsync(opened);
            throw e is OperationCanceledException ? e : new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private static async Task DisposeAsync<T>(Task<T> opened)
        where T : IAsyncDisposable
    {
        await ((Task)opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opened.IsCompletedSuccessfully)
            await (await opened.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }
}
