namespace KisFeed.Benchmarks.Decode;

/// <summary>What the ways of reading a frame are called.</summary>
internal static class DecodeNames
{
    public const string Typed = "KisFeed: typed record";
    public const string TypedAndRead = "KisFeed: typed record, every property read";
    public const string ThreeOfAll = "KisFeed: all columns located, three read";
    public const string Split = "string.Split and decimal.Parse";
    public const string Spans = "Utf8Parser over spans";
    public const string Scan = "Span.Count('^'), the limit";
    public const string Frame = "a frame";
    public const string Allocated = "allocated";
}
