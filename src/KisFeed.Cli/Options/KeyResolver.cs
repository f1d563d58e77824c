using KisFeed.Gateway;

namespace KisFeed.Cli.Options;

/// <summary>
/// Resolves user input to a key: a valid key, a key in lower case, a symbol, or the name of an instrument. The broker decides which keys it
/// accepts, so an unusual key is passed on with a warning. Input that cannot be a key is rejected before connecting.
/// </summary>
/// <param name="instruments">The known instruments.</param>
/// <param name="notify">Called with a message when the input was not already a key.</param>
/// <param name="isForGateway">Whether to refuse what a gateway would refuse.</param>
internal sealed class KeyResolver(IReadOnlyList<Instrument> instruments, Action<string> notify, bool isForGateway = false)
{
    private const int MaxHints = 3;
    private const string NasdaqPrefix = "DNAS";

    private readonly InstrumentSearch _search = new(instruments);

    public string Resolve(FeedSchema feed, string text)
    {
        if (InstrumentFeeds.CanHave(feed, text))
            return text;
        var named = _search.FindExactly(feed, text);
        var upper = text.ToUpperInvariant();
        if (named.Count != 1 && !InstrumentFeeds.CanHave(feed, upper))
            return ResolveUnusual(feed, text, named);
        var key = named.Count == 1 ? named[0].Code : upper;
        notify(UiText.Of($"kisfeed: {text} is {key}", $"kisfeed: {text} → {key}"));
        return key;
    }

    private string ResolveUnusual(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var name = FeedNames.NameOf(feed);
        var complete = feed.CompleteKey(text);
        if (named.Count == 0 && complete != text)
        {
            var exchange = complete == NasdaqPrefix + text.ToUpperInvariant() ? UiText.Of(
                " (NASDAQ; NYSE is DNYS…, AMEX is DAMS…)",
                " (나스닥. 뉴욕은 DNYS…, 아멕스는 DAMS…)") : "";
            notify(UiText.Of(
                $"kisfeed: {name}:{text} is taken for {name}:{complete}{exchange}. A key is the {feed.KeyMeaning}",
                $"kisfeed: {name}:{text} → {name}:{complete}{exchange}. 키: {FeedNames.KeyMeaningOf(feed)}"));
            return complete;
        }

        var hints = HintsFor(feed, text, named);
        var didYouMean = hints.Length == 0 ? "" : UiText.Of(
            $" Did you mean {string.Join(", ", hints)}?",
            $" 혹시 {string.Join(", ", hints)}인가요?");
        if ((isForGateway && !InstrumentFeeds.IsAccepted(feed, text))
            || text.Any(c => !char.IsAscii(c) || char.IsWhiteSpace(c) || char.IsControl(c) || c is '^' or '|'))
        {
            var find = InstrumentFeeds.HasInstruments(feed) ? UiText.Of(
                $" 'kisfeed find {text}' searches by name.",
                $" 'kisfeed find {text}'로 이름을 찾아보세요.") : "";
            throw new CommandException(
                UiText.Of(
                    $"'{text}' is not a valid key of {name}. A key is the {feed.KeyMeaning}, e.g. "
                        + $"{name}:{feed.KeyExample}.{didYouMean}{find}",
                    $"'{text}': {name}의 키가 아닙니다. {FeedNames.KeyMeaningOf(feed)}를 쓰세요. 예: {name}:{feed.KeyExample}.{didYouMean}{find}"));
        }

        notify(UiText.Of(
            $"kisfeed: warning: {name}:{text} does not have the usual form of a key, the {feed.KeyMeaning}, e.g. "
                + $"{name}:{feed.KeyExample}; the server decides.{didYouMean}",
            $"kisfeed: 경고: {name}:{text}: 흔한 키의 형식이 아닙니다({FeedNames.KeyMeaningOf(feed)}, 예: {name}:{feed.KeyExample}). 서버에 그대로 "
                + $"보냅니다.{didYouMean}"));
        return text;
    }

    private string[] HintsFor(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var near = named.Count > 0 ? named : _search.Find(text);
        return [.. near.Where(match => match.Name is not null && match.IsOf(feed)).Take(MaxHints)
            .Select(match => $"{FeedNames.NameOf(feed)}:{match.Code} ({match.Name})")];
    }
}
