using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Decodes and encodes records of a feed that is known only by its schema.</summary>
internal abstract class RecordTypes
{
    /// <summary>The record type of a feed.</summary>
    public static Type TypeOf(FeedSchema feed) => typeof(IndexTrade).Assembly.GetType($"KisFeed.Feeds.{feed.RecordName}").ShouldNotBeNull();

    public static RecordTypes Of(FeedSchema feed) =>
        (RecordTypes)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(TypeOf(feed)), feed)!;

    /// <summary>Decodes a frame and encodes its records.</summary>
    public abstract string Encode(string frame);

    /// <summary>Decodes a frame of one record and returns the record's text.</summary>
    public abstract string Describe(string frame);

    /// <summary>Decodes a record and returns its instant.</summary>
    public abstract DateTimeOffset? TimestampOf(in RecordFields fields, DateTimeOffset receivedAt);

    private sealed class Typed<T>(FeedSchema feed) : RecordTypes
        where T : struct, IFeedRecord<T>
    {
        public override string Encode(string frame) => Decoding.Encode(feed.TrId, [.. Decoding.Records<T>(feed, frame)]);

        public override string Describe(string frame) => $"{Decoding.Record<T>(feed, frame)}";

        public override DateTimeOffset? TimestampOf(in RecordFields fields, DateTimeOffset receivedAt)
        {
            T.TryDecode(fields, new StringPool(), receivedAt, out var record, out var error).ShouldBeTrue($"{error}");
            return (DateTimeOffset?)typeof(T).GetProperty("Timestamp")!.GetValue(record);
        }
    }
}
