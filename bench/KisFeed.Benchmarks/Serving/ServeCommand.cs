using System.CommandLine;

namespace KisFeed.Benchmarks.Serving;

/// <summary><c>serve</c>: the server of prepared frames, which <c>compare</c> starts in its own process.</summary>
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

/// <summary>The end of standard input, which ends a server that a benchmark has started, even if the benchmark was killed.</summary>
internal static class InputEnd
{
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On its own thread: reading the console blocks even in asynchronous methods.
            await Task.Run(Console.In.ReadToEnd, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // An interrupt also ends the server.
        }
    }
}
