using System.Text;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>A message of the server, and its meaning.</summary>
internal sealed record ServerMessage(byte[] Bytes)
{
    public Answer? Answer { get; init; }

    public FrameContent? Frame { get; init; }

    public bool IsHeartbeat { get; init; }

    /// <summary>Whether it is so long that the client keeps only its beginning.</summary>
    public bool IsOversized { get; init; }

    public override string ToString() => this switch
    {
        { Answer: { } answer } => answer.ToString(),
        { Frame: { } frame } => frame.ToString(),
        { IsHeartbeat: true } => "heartbeat",
        _ => $"garbage of {Bytes.Length} bytes",
    };
}

/// <summary>The content of a frame.</summary>
/// <param name="Topics">The topic of each record.</param>
/// <param name="Numbers">The number of each record within its topic.</param>
/// <param name="EncryptedFor">The registration whose key encrypts it; <see langword="null"/> if it is plain.</param>
internal sealed record FrameContent(IReadOnlyList<Topic> Topics, IReadOnlyList<long> Numbers, BrokerRegistration? EncryptedFor)
{
    /// <summary>Whether it was corrupted in transit, so that its records are lost.</summary>
    public bool IsCorrupted { get; init; }

    public override string ToString() =>
        $"{(IsCorrupted ? "corrupted " : "")}{(EncryptedFor is null ? "" : "encrypted ")}frame "
        + $"{string.Join(' ', Topics.Zip(Numbers, (t, n) => $"{t}#{n}"))}";
}

/// <summary>An answer of the server to a request.</summary>
/// <param name="Request">The requested topic; <see langword="null"/> if the answer does not name it.</param>
/// <param name="Code">The result.</param>
/// <param name="Granted">The registration that this acknowledges.</param>
internal sealed record Answer(Topic? Request, BrokerCode Code, BrokerRegistration? Granted = null)
{
    public bool IsSuccess => Code.Meaning == BrokerCodeMeaning.Done;

    public override string ToString() => $"{Code.Value} {(Request is null ? "(null)" : Request)}";
}

/// <summary>Formats answers and heartbeats like the server.</summary>
internal static class ReplyText
{
    public static ServerMessage Of(Answer answer)
    {
        var header = answer.Request is { } topic
            ? $$"""{"tr_id":"{{topic.Feed.TrId}}","tr_key":"{{topic.Key}}","encrypt":"N"}"""
            : """{"tr_id":"(null)","tr_key":"","encrypt":"N"}""";
        var output = answer.Granted is { } granted ? $$""","output":{"iv":"{{granted.Iv}}","key":"{{granted.Key}}"}""" : "";
        var result = answer.IsSuccess ? "0" : answer.Code == BrokerCode.AlreadySubscribed ? "1" : "9";
        return new ServerMessage(Encoding.UTF8.GetBytes(
            $$$"""{"header":{{{header}}},"body":{"rt_cd":"{{{result}}}","msg_cd":"{{{answer.Code.Value}}}","msg1":"TEXT"{{{output}}}}}"""))
        {
            Answer = answer,
        };
    }

    public static ServerMessage Heartbeat(long number) =>
        new(Encoding.UTF8.GetBytes($$$"""{"header":{"tr_id":"PINGPONG","datetime":"{{{20261120000000 + (number % 1_000_000)}}}"}}"""))
        {
            IsHeartbeat = true,
        };
}

/// <summary>A key of a feed.</summary>
internal sealed record Topic(FeedSchema Feed, string Key)
{
    public bool Equals(Topic? other) =>
        other is not null && ReferenceEquals(Feed, other.Feed) && Key.Equals(other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => Feed.TrId.GetHashCode(StringComparison.Ordinal) ^ Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Feed.TrId}:{Key}";
}
