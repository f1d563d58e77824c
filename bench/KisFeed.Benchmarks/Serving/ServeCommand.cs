using System.CommandLine;

namespace KisFeed.Benchmarks.Serving;

/// <summary><c>serve</c>: the server of prepared frames, which <c>compare</c> starts as a process of its own.</summary>
internal sealed class ServeCommand : Command
{
    public const string Word = "serve";

    private readonly Argument<ServingMode> _mode = new("mode");

    public ServeCommand()
        : base(Word, "Serves prepared frames. Started by compare.")
    {
        Hidden = true;
        Add(_mode);
        SetAction((arguments, cancellationToken) => new PreparedServer(arguments.GetRequiredValue(_mode)).RunAsync(cancellationToken));
    }
}

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
