namespace KisFeed.Gateway.Instruments;

/// <summary>Fields at fixed positions, counted in bytes from the start or the end of the line.</summary>
/// <param name="code">The position of the code.</param>
/// <param name="name">The position of the name.</param>
/// <param name="underlying">The position of the name of the underlying, which may be missing at the end of a line.</param>
internal sealed class FixedLayout(Range code, Range name, Range? underlying = null) : MasterLayout
{
    public override bool TryRead(ReadOnlySpan<byte> line, out MasterFields fields)
    {
        fields = default;
        if (!Has(line, code) || !Has(line, name))
            return false;
        fields = new MasterFields
        {
            Code = line[code],
            Name = line[name],
            Underlying = underlying is { } range && Has(line, range) ? line[range] : default,
        };
        return true;
    }

    private static bool Has(ReadOnlySpan<byte> line, Range range)
    {
        var start = range.Start.GetOffset(line.Length);
        var end = range.End.GetOffset(line.Length);
        return start >= 0 && start < end && end <= line.Length;
    }
}
