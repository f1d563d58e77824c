namespace KisFeed.Benchmarks.Serving;

/// <summary>The end of a server that a benchmark has started: with its input, which ends with the benchmark however that ends, or when it is interrupted.</summary>
internal static class InputEnd
{
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of its own: reading the console blocks, whatever the name of the method.
            await Task.Run(Console.In.ReadToEnd, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Interrupted: the end as well.
        }
    }
}
