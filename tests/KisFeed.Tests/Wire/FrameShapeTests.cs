namespace KisFeed.Tests.Wire;

/// <summary>The width of a frame selects a revision.</summary>
public sealed class FrameShapeTests
{
    private static readonly FeedSchema s_program = ProgramTrade.Krx.Schema;
    private static readonly FeedSchema s_stock = StockTrade.Krx.Schema;

    [Theory]
    [InlineData(46, 1)]
    [InlineData(47, 1)]
    [InlineData(46, 4)]
    [InlineData(47, 20)]
    public void KnownWidth_SelectsItsRevision(int width, int count)
    {
        var shape = Decoding.Shape(s_stock, Frame("H0STCNT0", count, width * count));

        shape.Layout.Width.ShouldBe(width);
        shape.Width.ShouldBe(width);
        shape.Count.ShouldBe(count);
        shape.IsUnknownWidth.ShouldBeFalse();
        shape.HasSurplusSeparator.ShouldBeFalse();
    }

    [Theory]
    [InlineData(48, 1)]
    [InlineData(49, 7)]
    [InlineData(300, 2)]
    public void WiderUnknownWidth_SelectsTheWidestRevision(int width, int count)
    {
        var shape = Decoding.Shape(s_stock, Frame("H0STCNT0", count, width * count));

        shape.Layout.Width.ShouldBe(47);
        shape.Width.ShouldBe(width);
        shape.IsUnknownWidth.ShouldBeTrue();
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(5, 5)]
    [InlineData(6, 6)]
    [InlineData(7, 7)]
    [InlineData(9, 7)]
    public void UnknownWidthBetweenRevisions_SelectsTheNextNarrower(int width, int layout)
    {
        var shape = Decoding.Shape(ShiftedQuote.Feed.Schema, Frame("T0SHIFT0", 2, width * 2));

        shape.Layout.Width.ShouldBe(layout);
        shape.Width.ShouldBe(width);
    }

    [Theory]
    [InlineData(1, 45, FrameErrorKind.TooFewFields)]
    [InlineData(1, 1, FrameErrorKind.TooFewFields)]
    [InlineData(4, 180, FrameErrorKind.TooFewFields)]
    [InlineData(2, 93, FrameErrorKind.UnevenFields)]
    [InlineData(3, 139, FrameErrorKind.UnevenFields)]
    [InlineData(50, 47, FrameErrorKind.TooFewFields)]
    [InlineData(999_999_999, 47, FrameErrorKind.TooFewFields)]
    public void NarrowerOrUnevenFields_AreMalformed(int count, int fields, FrameErrorKind kind)
    {
        var text = Frame("H0STCNT0", count, fields);
        DataFrame.TryParse(Decoding.Bytes(text), out var frame, out _).ShouldBeTrue();

        s_stock.TryResolve(frame, out _, out var error).ShouldBeFalse();

        error.Kind.ShouldBe(kind);
        error.Position.ShouldBe(frame.PayloadOffset);
        error.Fields.ShouldBe(fields);
        error.Count.ShouldBe(count);
        error.Record.ShouldBe(-1);
    }

    [Theory]
    [InlineData("a^1^1^1^1^1^1^1^1^1^", 1, 11, false)] // 11 fields: the last one is empty
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^", 1, 11, true)] // 12 fields: one separator too many
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^^", 1, 13, false)] // two more: appended columns, both empty
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^b^2^2^2^2^2^2^2^2^2^2^", 2, 11, true)] // 23 fields for two records
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^b^2^2^2^2^2^2^2^2^2^", 2, 11, false)] // 22 fields, the last one empty
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^x^b^2^2^2^2^2^2^2^2^2^2^y^", 2, 12, true)] // an appended column each, and one separator too many
    [InlineData("a^1^1^1^1^1^1^1^1^1^1^x^b^2^2^2^2^2^2^2^2^2^2^", 2, 12, false)] // an appended column each, empty in the last record
    public void TrailingSeparator_IsAColumnOrSurplus_DependingOnTheWidth(string payload, int count, int width, bool surplus)
    {
        var shape = Decoding.Shape(s_program, $"0|H0STPGM0|{count:D3}|{payload}");

        shape.Width.ShouldBe(width);
        shape.HasSurplusSeparator.ShouldBe(surplus);
        shape.Layout.Width.ShouldBe(11);
    }

    [Fact]
    public void TrailingSeparator_OnAKnownWidth_IsAnEmptyColumn()
    {
        // 46 columns and a separator are the 47 columns of the newer revision.
        var shape = Decoding.Shape(s_stock, Frame("H0STCNT0", 1, 47));
        shape.Layout.Width.ShouldBe(47);
        shape.HasSurplusSeparator.ShouldBeFalse();
    }

    [Fact]
    public void SurplusSeparator_DoesNotCountAsAField()
    {
        DataFrame.TryParse("0|H0STPGM0|001|a^1^1^1^1^1^1^1^1^"u8, out var frame, out _).ShouldBeTrue();
        s_program.TryResolve(frame, out _, out var error).ShouldBeFalse();
        error.Kind.ShouldBe(FrameErrorKind.TooFewFields);
    }

    private static string Frame(string trId, int count, int fields) =>
        $"0|{trId}|{count:D3}|{string.Join('^', Enumerable.Repeat("1", fields))}";
}
