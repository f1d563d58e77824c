namespace KisFeed.Cli.Options;

/// <summary>A feed and a key to subscribe to.</summary>
internal sealed record WatchTarget(FeedSchema Feed, string Key)
{
    /// <summary>Parses <c>FEED:KEY</c>. The key of order notices is optional.</summary>
    /// <param name="catalog">The feeds.</param>
    /// <param name="text">The text.</param>
    /// <param name="htsId">The default key of order notices.</param>
    /// <param name="keys">Resolves names to keys; <see langword="null"/> to accept keys only.</param>
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
            ? UiText.Of(
                $"'{text}' has no HTS ID: add it, e.g. {name}:{feed.KeyExample}, or set {ServiceSettings.HtsIdVariable}, or my_htsid in "
                    + "~/KIS/config/kis_devlp.yaml",
                $"'{text}': HTS ID가 없습니다. {name}:{feed.KeyExample}처럼 쓰거나 {ServiceSettings.HtsIdVariable}, 또는 "
                    + "~/KIS/config/kis_devlp.yaml의 my_htsid를 설정하세요")
            : UiText.Of(
                $"'{text}' has no key: add the {feed.KeyMeaning}, e.g. {name}:{feed.KeyExample}",
                $"'{text}': 키가 없습니다. {FeedNames.KeyMeaningOf(feed)}를 붙이세요. 예: {name}:{feed.KeyExample}"));
    }

    /// <summary>The target as users write it; without the HTS ID of order notices, which is private.</summary>
    public override string ToString() => Feed.IsNotice ? FeedNames.NameOf(Feed) : $"{FeedNames.NameOf(Feed)}:{Key}";

    /// <summary>Returns the targets, each followed by the one of the same instrument's trading by day, if it is traded by day.</summary>
    public static WatchTarget[] WithDayTime(IReadOnlyCollection<WatchTarget> targets)
    {
        var problem = UiText.Of(
            $"{DayTimeOption.OptionName} concerns US stocks only, such as us:DNASAAPL or us-book:DNYSIBM: leave it out",
            $"{DayTimeOption.OptionName}: 미국 주식(us:DNASAAPL, us-book:DNYSIBM 등)에만 쓰는 옵션입니다. 빼고 실행하세요");
        var all = new List<WatchTarget>();
        foreach (var target in targets)
        {
            all.Add(target);
            if (target.Feed.DayTimeKeyOf(target.Key) is { } key)
                all.Add(target with { Key = key });
        }

        return all.Count > targets.Count ? [.. all] : throw new CommandException(problem);
    }

    /// <summary>Returns the target for a service, which may use another TR ID for the feed.</summary>
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
internal sealed class DayTimeOption() : SwitchOption(OptionName,
    UiText.Of(
        "Register US stocks by day too (미국 주간거래): RBAQAAPL beside DNASAAPL. Each such key takes two of the 41 registrations.",
        "미국 주식의 주간거래(DNASAAPL과 함께 RBAQAAPL)도 등록. 이런 키는 등록 자리 41개 가운데 2개씩 씁니다."))
{
    public const string OptionName = "--with-day-time";

    /// <summary>Returns the targets, with those of trading by day if the option is given.</summary>
    public IReadOnlyCollection<WatchTarget> ApplyTo(ParseResult arguments, IReadOnlyCollection<WatchTarget> targets) =>
        arguments.GetValue(this) ? WatchTarget.WithDayTime(targets) : targets;
}
