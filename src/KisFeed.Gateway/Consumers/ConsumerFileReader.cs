using System.Collections.Immutable;
using System.Text.Json;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Reads the consumers of a token file (<see cref="ConsumerFileContent"/>) strictly. Errors name the file and
/// the line and never quote its content.
/// </summary>
internal readonly ref struct ConsumerFileReader
{
    private const byte LineFeed = (byte)'\n';
    private const int EntryDepth = 2;

    private readonly string _path;
    private readonly ReadOnlySpan<byte> _text;

    private ConsumerFileReader(string path, ReadOnlySpan<byte> text)
    {
        _path = path;
        _text = text;
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the text of a file.</summary>
    /// <param name="path">The file's path, for error messages.</param>
    /// <param name="utf8">Its text, with or without a byte order mark.</param>
    /// <exception cref="KisFeedConfigurationException">The text is not a valid token file.</exception>
    public static ImmutableArray<Consumer> Read(string path, ReadOnlySpan<byte> utf8)
    {
        var reader = new ConsumerFileReader(path, utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8);
        ConsumerFileContent content;
        try
        {
            reader.CheckHeader();
            content = JsonSerializer.Deserialize(reader._text, ConsumerFileJson.Default.ConsumerFileContent)!;
        }
        catch (JsonException e)
        {
            // The exception is not passed on because it quotes the file's content.
            throw reader.FailureInLine((e.LineNumber ?? 0) + 1, ProblemOf(e));
        }

        return reader.ConsumersOf(content.Consumers);
    }

    // A file of another version may have other members, so the version is read before anything else.
    private void CheckHeader()
    {
        var json = new Utf8JsonReader(_text);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw Failure(json.TokenStartIndex, "expected an object");
        json.Read();
        if (!IsMember(ref json, "version"u8))
            throw Failure(json.TokenStartIndex, "expected \"version\" as the first member");
        json.Read();
        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var version) || version < 1)
            throw Failure(json.TokenStartIndex, "expected a whole number as \"version\"");
        if (version > ConsumerFileContent.CurrentVersion)
        {
            throw Failure(json.TokenStartIndex, $"the file has format version {version}, but this program supports only versions up to "
                + $"{ConsumerFileContent.CurrentVersion}: update the program");
        }
        json.Read();
        if (!IsMember(ref json, "consumers"u8))
            throw Failure(json.TokenStartIndex, "expected \"consumers\"");
    }

    private static bool IsMember(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        try
        {
            return json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false; // Not valid Unicode.
        }
    }

    private static string ProblemOf(JsonException e) => e switch
    {
        ConsumerFileException => e.Message,
        { Path: null } or { InnerException: JsonException } => "the file is not valid JSON, or it is incomplete",
        { InnerException: InvalidOperationException } => "the name of a member is not valid Unicode",
        { Path: "$.consumers" } => "expected an array, once",
        { Path: var path } when path.StartsWith("$.consumers[", StringComparison.Ordinal) =>
            path[(path.IndexOf(']', StringComparison.Ordinal) + 1)..] switch
            {
                "" => "expected an object",
                ".limits" or ".previous" => "expected an object, at most once",
                ['.', 'l', 'i', 'm', 'i', 't', 's', '.' or '[', ..] =>
                    "expected slots, connections and requestsPerSecond at most once each, and no other members",
                ['.', 'p', 'r', 'e', 'v', 'i', 'o', 'u', 's', '.' or '[', ..] =>
                    "expected appKey, secretSha256 and until once each, and no other members",
                _ => "expected name, appKey, secretSha256, feeds, notices and created once each, operator, limits, expires and previous at "
                    + "most once each, and no other members",
            },
        _ => "expected the end of the object",
    };

    private ImmutableArray<Consumer> ConsumersOf(ConsumerEntry?[] entries)
    {
        var consumers = ImmutableArray.CreateBuilder<Consumer>(entries.Length);
        var names = new HashSet<string>(ConsumerName.Comparer);
        var appKeys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
        {
            var consumer = ConsumerOf(entries[i] ?? throw Failure(BeginOf(i), "expected an object"), i);
            if (!names.Add(consumer.Name))
                throw Failure(BeginOf(i), $"the name {consumer.Name} is used twice");
            if (!appKeys.Add(consumer.AppKey) || (consumer.Previous is { } previous && !appKeys.Add(previous.AppKey)))
                throw Failure(BeginOf(i), $"the app key of {consumer.Name} is used twice");
            consumers.Add(consumer);
        }

        return consumers.MoveToImmutable();
    }

    private Consumer ConsumerOf(ConsumerEntry entry, int index)
    {
        var previous = entry.Previous is { } old ? PreviousOf(old, index) : null;
        var name = entry.Name ?? throw Missing(BeginOf(index), "name");
        var notices = entry.Notices ?? throw Missing(BeginOf(index), "notices");
        return new Consumer
        {
            Name = name,
            AppKey = entry.AppKey ?? throw Missing(BeginOf(index), "appKey"),
            SecretHash = [.. entry.SecretSha256 ?? throw Missing(BeginOf(index), "secretSha256")],
            Feeds = (entry.Feeds ?? throw Missing(BeginOf(index), "feeds")).Only,
            Notices = notices is { All: true } or { Only.IsEmpty: false },
            HtsIds = notices.Only,
            Quota = entry.Limits is { } limits
                ? new ConsumerQuota(limits.Slots, limits.Connections, limits.RequestsPerSecond)
                : ConsumerQuota.None,
            Operator = entry.Operator ?? false, // Older files do not have this member.
            CreatedAt = entry.Created ?? throw Missing(BeginOf(index), "created"),
            ExpiresAt = entry.Expires,
            Previous = previous,
        };
    }

    private PreviousCredentials PreviousOf(PreviousEntry entry, int index) => new(
        entry.AppKey ?? throw Missing(BeginOf(index, isPrevious: true), "appKey"),
        [.. entry.SecretSha256 ?? throw Missing(BeginOf(index, isPrevious: true), "secretSha256")],
        entry.Until ?? throw Missing(BeginOf(index, isPrevious: true), "until"));

    // Where an entry, or its previous credentials, begin in the text.
    private long BeginOf(int index, bool isPrevious = false)
    {
        var json = new Utf8JsonReader(_text);
        for (var left = index + 1; left > 0 && json.Read();)
        {
            if (json.CurrentDepth == EntryDepth && json.TokenType is JsonTokenType.StartObject or JsonTokenType.Null)
                left--;
        }

        if (!isPrevious)
            return json.TokenStartIndex;
        do
            json.Read();
        while (json.CurrentDepth != EntryDepth + 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals("previous"u8));
        json.Read();
        return json.TokenStartIndex;
    }

    private KisFeedConfigurationException Missing(long begin, string member) => Failure(begin, $"\"{member}\" is missing");

    private KisFeedConfigurationException Failure(long at, string problem) => FailureInLine(_text[..(int)at].Count(LineFeed) + 1, problem);

    private KisFeedConfigurationException FailureInLine(long line, string problem) => new($"{_path}, line {line}: {problem}");
}
