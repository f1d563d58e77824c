using System.CommandLine;

namespace KisFeed.Benchmarks.Memory;

/// <summary><c>paced-market</c>: the market of <c>hour</c> and of <c>compare memory</c>, which start it as a process of its own.</summary>
internal sealed class PacedMarketCommand : Command
{
    public const string Word = "paced-market";

    private readonly Argument<double> _rate = new("rate") { Description = "Frames a second." };

    public PacedMarketCommand()
        : base(Word, "Serves a market at an exact rate. Started by hour and compare.")
    {
        Hidden = true;
        Add(_rate);
        SetAction((arguments, cancellationToken) => PacedMarket.RunAsync(arguments.GetRequiredValue(_rate), cancellationToken));
    }
}
