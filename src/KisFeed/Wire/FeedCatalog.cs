using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Wire;

/// <summary>An immutable set of feeds with lookup by TR ID and by alias.</summary>
public sealed class FeedCatalog
{
    private readonly FrozenDictionary<byte[], FeedSchema> _byTrId;

    /// <summary>Creates a catalog of these feeds.</summary>
    /// <exception cref="ArgumentException">Two feeds have the same TR ID, or the layouts or the key of a feed do not match its columns.</exception>
    public FeedCatalog(ImmutableArray<FeedSchema> feeds)
    {
        Feeds = feeds;
        var byTrId = new Dictionary<byte[], FeedSchema>(Utf8KeyComparer.Instance);
        foreach (var feed in feeds)
        {
            if (!byTrId.TryAdd(System.Text.Encoding.ASCII.GetBytes(feed.TrId), feed))
                throw new ArgumentException($"two feeds have the TR ID {feed.TrId}", nameof(feeds));
            if (feed.KeyColumn < 0 || feed.KeyColumn >= feed.Columns.Length || feed.Layouts.Any(l => l.ColumnCount != feed.Columns.Length))
                throw new ArgumentException($"the layouts or the key of {feed.TrId} do not match its {feed.Columns.Length} columns", nameof(feeds));
        }

        _byTrId = byTrId.ToFrozenDictionary(Utf8KeyComparer.Instance);
    }

    /// <summary>All feeds. A feed of the mock service is a separate feed.</summary>
    public ImmutableArray<FeedSchema> Feeds { get; }

    /// <summary>Finds a feed by the TR ID of a frame.</summary>
    public bool TryGet(ReadOnlySpan<byte> trId, [NotNullWhen(true)] out FeedSchema? feed) =>
        _byTrId.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(trId, out feed);

    /// <summary>Finds a feed by TR ID or alias, ignoring case.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out FeedSchema? feed)
    {
        feed = Feeds.FirstOrDefault(f => f.TrId.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Feeds.FirstOrDefault(f => f.Alias.Length > 0 && f.Alias.Equals(name, StringComparison.OrdinalIgnoreCase));
        return feed is not null;
    }

    /// <summary>
    /// Explains why <see cref="TryFind"/> does not find a name: this library does not support the feed yet, or the name is not a feed. Does not list
    /// the known feeds; see <see cref="ToString"/>.
    /// </summary>
    public static string DescribeUnknown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return UnsupportedFeeds.Describe(name) ?? $"'{name}' is not a feed";
    }

    /// <summary>Whether a name is the TR ID of a broker's feed that this library does not support yet.</summary>
    public static bool IsUnsupported(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return UnsupportedFeeds.Describe(name) is not null;
    }

    /// <summary>Lists the feeds for users: <c>index (H0UPCNT0), bond (H0BJCNT0)</c> and so on.</summary>
    public override string ToString() => string.Join(", ", Feeds.Select(f => f.Alias.Length == 0 ? f.TrId : $"{f.Alias} ({f.TrId})"));
}

/// <summary>The broker's feeds without a record type in this library, with their titles, so that messages can say that they exist.</summary>
internal static class UnsupportedFeeds
{
    private static readonly FrozenDictionary<string, string> s_titles = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["H0BICNT0"] = "채권지수 실시간체결가",
        ["H0BJASP0"] = "일반채권 실시간호가",
        ["H0CFASP0"] = "상품선물 실시간호가",
        ["H0CFCNT0"] = "상품선물 실시간체결가",
        ["H0EUANC0"] = "KRX야간옵션실시간예상체결",
        ["H0EUASP0"] = "KRX야간옵션 실시간호가",
        ["H0EUCNI0"] = "KRX야간옵션실시간체결통보",
        ["H0EUCNT0"] = "KRX야간옵션 실시간체결가",
        ["H0EWANC0"] = "ELW 실시간예상체결",
        ["H0EWASP0"] = "ELW 실시간호가",
        ["H0EWCNT0"] = "ELW 실시간체결가",
        ["H0GSCNI0"] = "해외주식 실시간체결통보",
        ["H0GSCNI9"] = "해외주식 실시간체결통보",
        ["H0IFASP0"] = "지수선물 실시간호가",
        ["H0IFCNT0"] = "지수선물 실시간체결가",
        ["H0IOASP0"] = "지수옵션 실시간호가",
        ["H0IOCNT0"] = "지수옵션 실시간체결가",
        ["H0MFASP0"] = "KRX야간선물 실시간호가",
        ["H0MFCNI0"] = "KRX야간선물 실시간체결통보",
        ["H0MFCNT0"] = "KRX야간선물 실시간종목체결",
        ["H0NXANC0"] = "국내주식 실시간예상체결 (NXT)",
        ["H0NXASP0"] = "국내주식 실시간호가 (NXT)",
        ["H0NXCNT0"] = "국내주식 실시간체결가 (NXT)",
        ["H0NXMBC0"] = "국내주식 실시간회원사 (NXT)",
        ["H0NXMKO0"] = "국내주식 장운영정보 (NXT)",
        ["H0STANC0"] = "국내주식 실시간예상체결 (KRX)",
        ["H0STASP0"] = "국내주식 실시간호가 (KRX)",
        ["H0STCNI0"] = "국내주식 주식체결통보",
        ["H0STCNI9"] = "국내주식 주식체결통보",
        ["H0STCNT0"] = "국내주식 실시간체결가 (KRX)",
        ["H0STMBC0"] = "국내주식 실시간회원사 (KRX)",
        ["H0STMKO0"] = "국내주식 장운영정보 (KRX)",
        ["H0STNAV0"] = "국내ETF NAV추이",
        ["H0STOAA0"] = "국내주식 시간외 실시간호가 (KRX)",
        ["H0STOAC0"] = "국내주식 시간외 실시간예상체결 (KRX)",
        ["H0STOUP0"] = "국내주식 시간외 실시간체결가 (KRX)",
        ["H0UNANC0"] = "국내주식 실시간예상체결 (통합)",
        ["H0UNASP0"] = "국내주식 실시간호가 (통합)",
        ["H0UNCNT0"] = "국내주식 실시간체결가 (통합)",
        ["H0UNMBC0"] = "국내주식 실시간회원사 (통합)",
        ["H0UNMKO0"] = "국내주식 장운영정보 (통합)",
        ["H0UPANC0"] = "국내지수 실시간예상체결",
        ["H0UPPGM0"] = "국내지수 실시간프로그램매매",
        ["H0ZFANC0"] = "주식선물 실시간예상체결",
        ["H0ZFASP0"] = "주식선물 실시간호가",
        ["H0ZFCNT0"] = "주식선물 실시간체결가",
        ["H0ZOANC0"] = "주식옵션 실시간예상체결",
        ["H0ZOASP0"] = "주식옵션 실시간호가",
        ["H0ZOCNT0"] = "주식옵션 실시간체결가",
        ["HDFFF010"] = "해외선물옵션 실시간호가",
        ["HDFFF020"] = "해외선물옵션 실시간체결가",
        ["HDFFF1C0"] = "해외선물옵션 실시간주문내역통보",
        ["HDFFF2C0"] = "해외선물옵션 실시간체결내역통보",
        ["HDFSASP0"] = "해외주식 실시간호가",
        ["HDFSASP1"] = "해외주식 지연호가(아시아)",
        ["HDFSCNT0"] = "해외주식 실시간지연체결가",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Their TR IDs.</summary>
    public static IReadOnlyCollection<string> TrIds => s_titles.Keys;

    /// <summary>The message for a TR ID of these feeds, ignoring case; <see langword="null"/> for all others.</summary>
    public static string? Describe(string trId) =>
        s_titles.TryGetValue(trId, out var title) ? $"{trId.ToUpperInvariant()} ({title}) is a feed of the broker that KisFeed does not support yet" : null;
}
