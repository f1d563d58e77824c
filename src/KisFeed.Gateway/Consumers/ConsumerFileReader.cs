using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Reads the consumers of a token file, strictly: an unknown member might be a restriction. Errors name the file and the line and never quote its
/// content.
/// <code>
/// { "version": 1, "consumers": [
///     { "name": "backtest", "appKey": "…36…", "secretSha256": "…64…", "feeds": "all", or [ "H0UPCNT0" ], "notices": false, true, or [ "HTSID" ],
/// "operator": true,       "limits": { "places": 20, "connections": 8, "requestsPerSecond": 20 }, "created": "2026-11-20T00:30:01Z",       "expires":
/// "2027-01-01T00:00:00Z", "previous": { "appKey": "…36…", "secretSha256": "…64…", "until": "2026-11-21T00:30:01Z" } } ] }
/// </code>
/// <c>operator</c>, <c>limits</c> and each of its members, <c>expires</c> and <c>previous</c> may be missing.
/// </summary>
internal ref struct ConsumerFileReader
{
    /// <summary>The version of the file format.</summary>
    public const int Version = 1;

    /// <summary>The value of <c>feeds</c> that means all feeds.</summary>
    public const string AllFeeds = "all";

    private const int HashDigits = 64;
    private const byte LineFeed = (byte)'\n';

    private readonly string _path;
    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _json;

    private ConsumerFileReader(string path, ReadOnlySpan<byte> text)
    {
        _path = path;
        _text = text;
        _json = new Utf8JsonReader(text);
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the text of a file.</summary>
    /// <param name="path">The file's path, for error messages.</param>
    /// <param name="utf8">Its text, with or without a byte order mark.</param>
    /// <exception cref="KisFeedConfigurationException">The text is not a valid token file.</exception>
    public static ImmutableArray<Consumer> Read(string path, ReadOnlySpan<byte> utf8)
    {
        var reader = new ConsumerFileReader(path, utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8);
        return reader.ReadFile();
    }

    private ImmutableArray<Consumer> ReadFile()
    {
        Next();
        Expect(JsonTokenType.StartObject, "an object");
        Next();
        if (_json.TokenType != JsonTokenType.PropertyName || !_json.ValueTextEquals("version"u8))
            throw Failure("expected \"version\" as the first member");
        Next();
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out var version) || version < 1)
            throw Failure("expected a whole number as \"version\"");
        if (version > Version)
            throw Failure($"the file has format version {version}, but this program supports only versions up to {Version}: update the program");
        Next();
        if (_json.TokenType != JsonTokenType.PropertyName || !_json.ValueTextEquals("consumers"u8))
            throw Failure("expected \"consumers\"");
        Next();
        Expect(JsonTokenType.StartArray, "an array");
        var consumers = ReadConsumers();
        Next();
        Expect(JsonTokenType.EndObject, "the end of the object");
        if (Next())
            throw Failure("expected the end of the file");
        return consumers;
    }

    private ImmutableArray<Consumer> ReadConsumers()
    {
        var consumers = ImmutableArray.CreateBuilder<Consumer>();
        var names = new HashSet<string>(ConsumerName.Comparer);
        var appKeys = new HashSet<string>(StringComparer.Ordinal);
        for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
        {
            Expect(JsonTokenType.StartObject, "an object");
            var begin = _json.TokenStartIndex;
            var consumer = ReadConsumer();
            if (!names.Add(consumer.Name))
                throw Failure(begin, $"the name {consumer.Name} is used twice");
            if (!appKeys.Add(consumer.AppKey) || (consumer.Previous is { } previous && !appKeys.Add(previous.AppKey)))
                throw Failure(begin, $"the app key of {consumer.Name} is used twice");
            consumers.Add(consumer);
        }

        return consumers.ToImmutable();
    }

    private Consumer ReadConsumer()
    {
        var begin = _json.TokenStartIndex;
        string? name = null;
        string? appKey = null;
        byte[]? hash = null;
        (bool IsGiven, ImmutableArray<string>? TrIds) feeds = default;
        (bool May, ImmutableArray<string>? HtsIds)? notices = null;
        ConsumerQuota? quota = null;
        bool? isOperator = null;
        DateTimeOffset? created = null;
        DateTimeOffset? expires = null;
        PreviousCredentials? previous = null;
        for (Next(); _json.TokenType != JsonTokenType.EndObject; Next())
        {
            if (_json.ValueTextEquals("name"u8) && name is null)
                name = ReadName();
            else if (_json.ValueTextEquals("appKey"u8) && appKey is null)
                appKey = ReadAppKey();
            else if (_json.ValueTextEquals("secretSha256"u8) && hash is null)
                hash = ReadHash();
            else if (_json.ValueTextEquals("feeds"u8) && !feeds.IsGiven)
                feeds = (true, ReadFeeds());
            else if (_json.ValueTextEquals("notices"u8) && notices is null)
                notices = ReadNotices();
            else if (_json.ValueTextEquals("operator"u8) && isOperator is null)
                isOperator = ReadBoolean();
            else if (_json.ValueTextEquals("limits"u8) && quota is null)
                quota = ReadQuota();
            else if (_json.ValueTextEquals("created"u8) && created is null)
                created = ReadTime();
            else if (_json.ValueTextEquals("expires"u8) && expires is null)
                expires = ReadTime();
            else if (_json.ValueTextEquals("previous"u8) && previous is null)
                previous = ReadPrevious();
            else
                throw Failure("expected name, appKey, secretSha256, feeds, notices and created once each, operator, limits, expires and previous at most once each, and no other members");
        }

        var (mayNotices, htsIds) = notices ?? throw Missing(begin, "notices");
        return new Consumer
        {
            Name = name ?? throw Missing(begin, "name"),
            AppKey = appKey ?? throw Missing(begin, "appKey"),
            SecretHash = [.. hash ?? throw Missing(begin, "secretSha256")],
            Feeds = feeds.IsGiven ? feeds.TrIds : throw Missing(begin, "feeds"),
            Notices = mayNotices,
            HtsIds = htsIds,
            Quota = quota ?? ConsumerQuota.None,
            Operator = isOperator ?? false, // Older files do not have this member.
            CreatedAt = created ?? throw Missing(begin, "created"),
            ExpiresAt = expires,
            Previous = previous,
        };
    }

    private (bool May, ImmutableArray<string>? HtsIds) ReadNotices()
    {
        Next();
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return (_json.GetBoolean(), null);
        Expect(JsonTokenType.StartArray, "true, false or an array of HTS IDs");
        var ids = ImmutableArray.CreateBuilder<string>();
        for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
        {
            var id = Text();
            if (!Consumer.IsHtsId(id))
                throw Failure("expected an HTS ID");
            ids.Add(id);
        }

        return (ids.Count > 0, ids.ToImmutable());
    }

    private ConsumerQuota ReadQuota()
    {
        Next();
        Expect(JsonTokenType.StartObject, "an object");
        var quota = ConsumerQuota.None;
        for (Next(); _json.TokenType != JsonTokenType.EndObject; Next())
        {
            if (_json.ValueTextEquals("places"u8) && quota.Places is null)
                quota = quota with { Places = ReadCount() };
            else if (_json.ValueTextEquals("connections"u8) && quota.Connections is null)
                quota = quota with { Connections = ReadCount() };
            else if (_json.ValueTextEquals("requestsPerSecond"u8) && quota.RequestsPerSecond is null)
                quota = quota with { RequestsPerSecond = ReadCount() };
            else
                throw Failure("expected places, connections and requestsPerSecond at most once each, and no other members");
        }

        return quota;
    }

    private int ReadCount()
    {
        Next();
        return _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var count) && count >= 1 ? count : throw Failure("expected a whole number of at least 1");
    }

    private PreviousCredentials ReadPrevious()
    {
        Next();
        Expect(JsonTokenType.StartObject, "an object");
        var begin = _json.TokenStartIndex;
        string? appKey = null;
        byte[]? hash = null;
        DateTimeOffset? until = null;
        for (Next(); _json.TokenType != JsonTokenType.EndObject; Next())
        {
            if (_json.ValueTextEquals("appKey"u8) && appKey is null)
                appKey = ReadAppKey();
            else if (_json.ValueTextEquals("secretSha256"u8) && hash is null)
                hash = ReadHash();
            else if (_json.ValueTextEquals("until"u8) && until is null)
                until = ReadTime();
            else
                throw Failure("expected appKey, secretSha256 and until once each, and no other members");
        }

        return new PreviousCredentials(appKey ?? throw Missing(begin, "appKey"), [.. hash ?? throw Missing(begin, "secretSha256")], until ?? throw Missing(begin, "until"));
    }

    private string ReadName()
    {
        var text = ReadText();
        if (!ConsumerName.IsValid(text))
            throw Failure($"expected as \"name\" {ConsumerName.Form}");
        return text;
    }

    private string ReadAppKey()
    {
        var text = ReadText();
        if (!ConsumerCredentials.IsAppKey(text))
            throw Failure($"expected as \"appKey\" {ConsumerCredentials.AppKeyLength} letters and digits");
        return text;
    }

    private byte[] ReadHash()
    {
        var text = ReadText();
        if (text.Length != HashDigits || !text.All(char.IsAsciiHexDigit))
            throw Failure($"expected as \"secretSha256\" {HashDigits} hexadecimal digits");
        return Convert.FromHexString(text);
    }

    private ImmutableArray<string>? ReadFeeds()
    {
        Next();
        if (_json.TokenType == JsonTokenType.String && _json.ValueTextEquals(AllFeeds))
            return null;
        Expect(JsonTokenType.StartArray, $"\"{AllFeeds}\" or an array of TR IDs");
        var trIds = ImmutableArray.CreateBuilder<string>();
        for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
        {
            var trId = Text();
            if (!DataFrame.IsTrId(trId))
                throw Failure("expected a TR ID, 1 to 16 letters and digits");
            trIds.Add(trId);
        }

        return trIds.ToImmutable();
    }

    private bool ReadBoolean()
    {
        Next();
        if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            throw Failure("expected true or false");
        return _json.GetBoolean();
    }

    private DateTimeOffset ReadTime()
    {
        Next();
        if (_json.TokenType != JsonTokenType.String || !_json.TryGetDateTimeOffset(out var time))
            throw Failure("expected a time, as in \"2026-11-20T00:30:01Z\"");
        return time.ToUniversalTime();
    }

    private string ReadText()
    {
        Next();
        return Text();
    }

    private readonly string Text()
    {
        Expect(JsonTokenType.String, "a text");
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Failure("the text is not valid Unicode");
        }
    }

    private bool Next()
    {
        try
        {
            return _json.Read();
        }
        catch (JsonException e)
        {
            // The exception is not passed on because it quotes the file's content.
            throw FailureInLine((e.LineNumber ?? 0) + 1, "the file is not valid JSON, or it is incomplete");
        }
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
            throw Failure($"expected {what}");
    }

    private readonly KisFeedConfigurationException Missing(long begin, string member) => Failure(begin, $"\"{member}\" is missing");

    private readonly KisFeedConfigurationException Failure(string problem) => Failure(_json.TokenStartIndex, problem);

    private readonly KisFeedConfigurationException Failure(long at, string problem) => FailureInLine(_text[..(int)at].Count(LineFeed) + 1, problem);

    private readonly KisFeedConfigurationException FailureInLine(long line, string problem) => new($"{_path}, line {line}: {problem}");
}
