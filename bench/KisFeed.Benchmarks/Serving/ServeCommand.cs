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
