using KisFeed.Gateway;

namespace KisFeed.Cli.Options;

/// <summary>A feed and a key to subscribe to.</summary>
internal sealed record WatchTarget(FeedSchema Feed, string Key)
{
    /// <summary>Parses <c>FEED:KEY</c>. The key of order notices is optional.</summary>
    /// <param name="catalog">The feeds.</param>
    /// <param name="text">The text.</param>
    /// <param name="htsId">The default key of order notices.</param>
    /// <param name="keys">Resolves names to keys; <see langword="null"/> to accept keys only.</param>
    /// <exception cref="CommandException">There is no such feed, or the key is missing or not valid for the feed.</exception>
    public static WatchTarget Parse(FeedCatalog catalog, string text, string? htsId, KeyResolver? keys = null)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var feed = FeedNames.Find(catalog, colon < 0 ? text : text[..colon]);
        var key = colon < 0 ? "" : text[(colon + 1)..].Trim();
        if (key.Length == 0 && feed.IsNotice && htsId is not null)
            key = htsId;
        if (key.Length > 0)
            return new WatchTarget(feed, feed.IsNotice || keys is null ? key : keys.Resolve(feed, key));

        var name = FeedNames.NameOf(feed);
        throw new CommandException(feed.IsNotice
            ? $"'{text}' has no HTS ID: add it, e.g. {name}:{feed.KeyExample}, or set {ServiceSettings.HtsIdVariable}, or my_htsid in ~/KIS/config/kis_devlp.yaml"
            : $"'{text}' has no key: add the {feed.KeyMeaning}, e.g. {name}:{feed.KeyExample}");
    }

    /// <summary>The target as users write it; without the HTS ID of order notices, which is private.</summary>
    public override string ToString() => Feed.IsNotice ? FeedNames.NameOf(Feed) : $"{FeedNames.NameOf(Feed)}:{Key}";

    /// <summary>Returns the targets, each followed by the one of the same instrument's trading by day, if it is traded by day.</summary>
    /// <exception cref="CommandException">None of them is.</exception>
    public static WatchTarget[] WithDayTime(IReadOnlyCollection<WatchTarget> targets)
    {
        const string Problem = $"{DayTimeOption.OptionName} concerns US stocks only, such as us:DNASAAPL or us-book:DNYSIBM: leave it out";
        var all = new List<WatchTarget>();
        foreach (var target in targets)
        {
            all.Add(target);
            if (target.Feed.DayTimeKeyOf(target.Key) is { } key)
                all.Add(target with { Key = key });
        }

        return all.Count > targets.Count ? [.. all] : throw new CommandException(Problem);
    }

    /// <summary>Returns the target for a service, which may use another TR ID for the feed.</summary>
    /// <exception cref="CommandException">The service does not have the feed.</exception>
    public WatchTarget On(KisEnvironment environment, FeedCatalog catalog)
    {
        try
        {
            return this with { Feed = FeedAvailability.Find(catalog, Feed, environment) };
        }
        catch (FeedNotAvailableException e)
        {
            throw new CommandException($"{this}: {e.Message}", e);
        }
    }
}

/// <summary><c>--with-day-time</c>: also the keys of trading by day.</summary>
internal sealed class DayTimeOption : Option<bool>
{
    public const string OptionName = "--with-day-time";

    public DayTimeOption()
        : base(OptionName) =>
        Description = "Register US stocks by day too (미국 주간거래): RBAQAAPL beside DNASAAPL. Each such key takes two of the 41 registrations.";

    /// <summary>Returns the targets, with those of trading by day if the option is given.</summary>
    /// <exception cref="CommandException">The option is given, and no target is traded by day.</exception>
    public IReadOnlyCollection<WatchTarget> ApplyTo(ParseResult arguments, IReadOnlyCollection<WatchTarget> targets) =>
        arguments.GetValue(this) ? WatchTarget.WithDayTime(targets) : targets;
}

/// <summary>
/// Resolves user input to a key: a valid key, a key in lower case, a symbol, or the name of an instrument. The broker decides which keys it accepts, so
/// an unusual key is passed on with a warning. Input that cannot be a key is rejected before connecting.
/// </summary>
/// <param name="instruments">The known instruments.</param>
/// <param name="notify">Called with a message when the input was not already a key.</param>
/// <param name="isForGateway">Whether to refuse what a gateway would refuse.</param>
internal sealed class KeyResolver(IReadOnlyList<Instrument> instruments, Action<string> notify, bool isForGateway = false)
{
    private const int MaxHints = 3;
    private const string NasdaqPrefix = "DNAS";

    private readonly InstrumentSearch _search = new(instruments);

    /// <summary>Returns the key.</summary>
    /// <exception cref="CommandException">The text cannot be a key, and is not the name of exactly one instrument of the feed.</exception>
    public string Resolve(FeedSchema feed, string text)
    {
        if (InstrumentFeeds.CanHave(feed, text))
            return text;
        var named = _search.FindExactly(feed, text);
        var upper = text.ToUpperInvariant();
        if (named.Count != 1 && !InstrumentFeeds.CanHave(feed, upper))
            return ResolveUnusual(feed, text, named);
        var key = named.Count == 1 ? named[0].Code : upper;
        notify($"kisfeed: {text} is {key}");
        return key;
    }

    private string ResolveUnusual(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var name = FeedNames.NameOf(feed);
        var complete = feed.CompleteKey(text);
        if (named.Count == 0 && complete != text)
        {
            var exchange = complete == NasdaqPrefix + text.ToUpperInvariant() ? " (NASDAQ; NYSE is DNYS…, AMEX is DAMS…)" : "";
            notify($"kisfeed: {name}:{text} is taken for {name}:{complete}{exchange}. A key is the {feed.KeyMeaning}");
            return complete;
        }

        var hints = HintsFor(feed, text, named);
        var didYouMean = hints.Length == 0 ? "" : $" Did you mean {string.Join(", ", hints)}?";
        if ((isForGateway && !InstrumentFeeds.IsAccepted(feed, text)) || text.Any(c => !char.IsAscii(c) || char.IsWhiteSpace(c) || char.IsControl(c) || c is '^' or '|'))
        {
            var find = InstrumentFeeds.HasInstruments(feed) ? $" 'kisfeed find {text}' searches by name." : "";
            throw new CommandException($"'{text}' is not a valid key of {name}. A key is the {feed.KeyMeaning}, e.g. {name}:{feed.KeyExample}.{didYouMean}{find}");
        }

        notify($"kisfeed: warning: {name}:{text} does not have the usual form of a key, the {feed.KeyMeaning}, e.g. {name}:{feed.KeyExample}; the server decides.{didYouMean}");
        return text;
    }

    private string[] HintsFor(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var near = named.Count > 0 ? named : _search.Find(text);
        return [.. near.Where(match => match.Name is not null && match.IsOf(feed)).Take(MaxHints).Select(match => $"{FeedNames.NameOf(feed)}:{match.Code} ({match.Name})")];
    }
}
