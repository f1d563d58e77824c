using System.Text.Json.Serialization;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Finds instruments by user input: a code, a part of a Korean or English name, or the initial consonants of a Korean name, ignoring case
/// and blanks. The dashboard does the same in the browser with the kinds that it shows (web/src/watch/directory.ts).
/// </summary>
internal sealed class InstrumentSearch
{
    public const int DefaultLimit = 20;

    private const int Unranked = 8;

    private readonly Entry[] _entries;

    public InstrumentSearch(IReadOnlyList<Instrument> instruments) =>
        _entries = [.. instruments.Select(instrument => new Entry(instrument))];

    /// <summary>Finds the instruments that match a text, the best match first.</summary>
    public IReadOnlyList<InstrumentMatch> Find(string text)
    {
        var wanted = Hangul.SplitConsonants(Plain(text));
        if (wanted.Length == 0)
            return [];
        var found = _entries.Select(entry => (entry.Match, Rank: entry.RankOf(wanted))).Where(found => found.Rank < Unranked)
            .OrderBy(found => found.Rank).Select(found => found.Match);
        var code = wanted.ToUpperInvariant();
        var matches = found.ToList();
        foreach (var example in InstrumentFeeds.Examples.Where(
            example => example.Code == code || InstrumentFeeds.SymbolOf(example.Kind, example.Code) == code))
        {
            if (!matches.Any(match => match.Kind == example.Kind && match.Code == example.Code))
                matches.Add(new InstrumentMatch(example.Kind, example.Code, null, null));
        }

        if (!matches.Any(match => match.Code == code))
            matches.AddRange(KindsByForm(code, isKnown: matches.Count > 0).Select(kind => new InstrumentMatch(kind, code, null, null)));
        return matches;
    }

    /// <summary>Finds the instruments of a feed with exactly this name or code, ignoring case and blanks.</summary>
    public IReadOnlyList<InstrumentMatch> FindExactly(FeedSchema feed, string name)
    {
        var wanted = Plain(name);
        return [.. _entries.Where(entry => entry.IsCalled(wanted)).Select(entry => entry.Match).Where(match => match.IsOf(feed))];
    }

    // The kinds of a code whose name is unknown: all that have such codes, if nothing else was found. Forms
    // overlap, and no code is without digits.
    private static IEnumerable<InstrumentKind> KindsByForm(string code, bool isKnown)
    {
        if (isKnown)
            return KindByForm(code) is { } kind ? [kind] : [];
        if (!code.Any(char.IsAsciiDigit))
            return [];
        var kinds = Enum.GetValues<InstrumentKind>().Where(kind => InstrumentFeeds.Of(kind, code).Any())
            .ToLookup(kind => kind is InstrumentKind.OverseasFuture or InstrumentKind.OverseasOption);
        // Nearly every text has the form of their codes, and their feeds are the same.
        return kinds.Contains(false) ? kinds[false] : kinds[true].Take(1);
    }

    private static InstrumentKind? KindByForm(string code)
    {
        if (InstrumentFeeds.CanHave(IndexTrade.Feed.Schema, code))
            return InstrumentKind.Index;
        if (char.IsAsciiDigit(code[0]) && InstrumentFeeds.CanHave(ProgramTrade.Consolidated.Schema, code))
            return InstrumentKind.Stock;
        return code.StartsWith("KR", StringComparison.Ordinal) && InstrumentFeeds.CanHave(BondTrade.Feed.Schema, code)
            ? InstrumentKind.Bond
            : null;
    }

    private static string Plain(string text) =>
        Hangul.Compose(string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)))).ToLowerInvariant();

    private sealed class Entry(Instrument instrument)
    {
        private readonly string _code = instrument.Code.ToLowerInvariant();
        private readonly string _symbol = InstrumentFeeds.SymbolOf(instrument.Kind, instrument.Code).ToLowerInvariant();
        private readonly string _name = Plain(instrument.Name);
        private readonly string _englishName = Plain(instrument.EnglishName ?? "");
        private readonly string _names = Plain($"{instrument.Name} {instrument.EnglishName}");
        private readonly string _initials = Hangul.InitialsOf(Plain(instrument.Name));

        public InstrumentMatch Match { get; } = new(instrument.Kind, instrument.Code, instrument.Name, instrument.EnglishName);

        public bool IsCalled(string wanted) =>
            wanted.Length > 0 && (wanted == _code || wanted == _symbol || wanted == _name || wanted == _englishName);

        public int RankOf(string wanted)
        {
            if (IsCalled(wanted))
                return 0;
            if (_names.StartsWith(wanted, StringComparison.Ordinal))
                return 1;
            if (_code.StartsWith(wanted, StringComparison.Ordinal) || _symbol.StartsWith(wanted, StringComparison.Ordinal))
                return 2;
            var areInitials = Hangul.AreInitials(wanted);
            if (areInitials && _initials == wanted)
                return 3;
            if (areInitials && _initials.StartsWith(wanted, StringComparison.Ordinal))
                return 4;
            if (_names.Contains(wanted, StringComparison.Ordinal))
                return 5;
            if (areInitials && _initials.Contains(wanted, StringComparison.Ordinal))
                return 6;
            return _code.Contains(wanted, StringComparison.Ordinal) ? 7 : Unranked;
        }
    }
}

/// <summary>An instrument that matches a text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code, which is the key of the feeds that have it.</param>
/// <param name="Name">Its Korean name; <see langword="null"/> where only the code is known.</param>
/// <param name="EnglishName">Its English name; <see langword="null"/> where none is known.</param>
internal sealed record InstrumentMatch(InstrumentKind Kind, string Code, string? Name, string? EnglishName)
{
    [JsonIgnore]
    public IEnumerable<FeedSchema> Feeds => InstrumentFeeds.Of(Kind, Code);

    public bool IsOf(FeedSchema feed) => InstrumentFeeds.Has(feed, Kind, Code);
}
