using System.CommandLine;

namespace KisFeed.Benchmarks.Fanout;

/// <summary><c>bare-broadcast</c>: what the gateway is compared with, which <c>compare</c> starts as a process of its own.</summary>
internal sealed class BareBroadcastCommand : Command
{
    public const string Word = "bare-broadcast";

    private readonly Argument<string> _upstream = new("upstream") { Description = "Where its frames come from, as in ws://127.0.0.1:21000." };

    public BareBroadcastCommand()
        : base(Word, "Broadcasts what comes from upstream. Started by compare.")
    {
        Hidden = true;
        _upstream.Validators.Add(static result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out _))
                result.AddError($"'{result.Tokens[0].Value}' is no address: one is expected as in ws://127.0.0.1:21000.");
        });
        Add(_upstream);
        SetAction((arguments, cancellationToken) => BareBroadcast.RunAsync(new Uri(arguments.GetRequiredValue(_upstream)), cancellationToken));
    }
}
