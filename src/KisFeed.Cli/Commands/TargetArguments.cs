using KisFeed.Cli.Gateways;
using KisFeed.Gateway;

namespace KisFeed.Cli.Commands;

/// <summary>The arguments that select what a command subscribes to: feeds and keys, or names of instruments in place of keys.</summary>
internal sealed class TargetArguments
{
    private readonly Argument<string[]> _targets;
    private readonly InstrumentsOption _instruments;
    private readonly DayTimeOption _dayTime = new();

    public TargetArguments(string verb, MastersOption masters, string more = "")
    {
        _instruments = new InstrumentsOption(masters);
        _targets = new Argument<string[]>("FEED:KEY")
        {
            Description = UiText.Of(
                $"What to {verb}: a TR ID or alias (case-insensitive) and a key, e.g. index:0001 or H0BJCNT0:KR103502GA34. A feed of "
                    + $"order notices without a key, e.g. notice or stock-notice, uses the configured HTS ID{more}.",
                $"{verb} 피드와 키: TR ID나 별칭(대소문자 무관)과 키. 예: index:0001, H0BJCNT0:KR103502GA34. notice, stock-notice처럼 키 없이 쓴 주문 통보는 설정된 "
                    + $"HTS ID를 씁니다{more}."),
            HelpName = "FEED:KEY",
            Arity = ArgumentArity.OneOrMore,
        };
        _targets.RefuseOptions();
        _targets.CompletionSources.CompleteFeeds(":");
    }

    public Argument Targets => _targets;

    public Option[] Options => [_instruments, _dayTime];

    /// <summary>Returns the known instruments, whose names may stand for keys.</summary>
    public Task<IReadOnlyList<Instrument>> ReadInstrumentsAsync(
        CommandHost host, ParseResult arguments, CancellationToken cancellationToken) =>
        _instruments.ReadAsync(host, arguments, cancellationToken);

    public WatchTarget[] Read(
        CommandHost host, ParseResult arguments, FeedCatalog catalog, KisFeedOptions options, IReadOnlyList<Instrument> instruments,
        Action<WatchTarget>? check = null)
    {
        var keys = new KeyResolver(instruments, host.WriteMessage);
        var targets = arguments.GetRequiredValue(_targets).Select(text => WatchTarget.Parse(catalog, text, options.HtsId, keys)).ToArray();
        Array.ForEach(targets, target => check?.Invoke(target));
        return [.. _dayTime.ApplyTo(arguments, targets).Select(target => target.On(options.Environment, catalog)).Distinct()];
    }
}
