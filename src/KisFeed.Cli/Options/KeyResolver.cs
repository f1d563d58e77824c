using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
using KisFeed.Wire;

namespace KisFeed.Cli.Options;

/// <summary>Makes keys of what users write in their place: a key as it is, a key in lower case, or the name of an instrument. Anything else is refused before a connection is made.</summary>
/// <param name="instruments">What is known by name.</param>
/// <param name="tell">Told what was made of a name.</param>
internal sealed class KeyResolver(IReadOnlyList<Instrument> instruments, Action<string> tell)
{
    private const int MostHints = 3;

    private readonly InstrumentSearch _search = new(instruments);

    /// <summary>The key that is meant.</summary>
    /// <exception cref="CommandException">The feed cannot have such a key, and no one instrument of the feed has that name.</exception>
    public string Resolve(FeedSchema feed, string text)
    {
        if (InstrumentSearch.CanHave(feed, text))
            return text;
        var named = _search.FindExactly(feed, text);
        var upper = text.ToUpperInvariant();
        var key = named.Count == 1 ? named[0].Code : InstrumentSearch.CanHave(feed, upper) ? upper : throw new CommandException(Refusal(feed, text, named));
        tell($"kisfeed: {text} is {key}");
        return key;
    }

    private string Refusal(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var name = FeedNames.NameOf(feed);
        var near = named.Count > 0 ? named : _search.Find(text);
        string[] hints = [.. near.Where(match => match.Name is not null && match.Feeds.Any(f => f.TrId == feed.TrId)).Take(MostHints).Select(match => $"{name}:{match.Code} ({match.Name})")];
        var hint = hints.Length == 0 ? "" : $" Did you mean {string.Join(", ", hints)}?";
        var find = InstrumentSearch.IsSearched(feed) ? $" 'kisfeed find {text}' searches by name." : "";
        return $"'{text}' cannot be a key of {name}, which is the {feed.KeyMeaning}, as in {name}:{feed.KeyExample}.{hint}{find}";
    }
}
