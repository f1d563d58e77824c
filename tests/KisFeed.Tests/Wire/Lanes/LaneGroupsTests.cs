namespace KisFeed.Tests.Wire.Lanes;

/// <summary>Offsets of another record in a reused buffer are not followed.</summary>
public sealed class LaneGroupsTests
{
    private const int Offset = 15;

    private static readonly byte[] s_text = Encoding.UTF8.GetBytes("0|H0UPCNT0|001|1000^2000^3000^4000^5000^6000^7000^8000");

    [Fact]
    public void Fields_within_the_frame_are_read() => Read(s_text, Starts()).ShouldBe(1);

    [Fact]
    public void Fields_beyond_the_frame_are_not_read() => Read(s_text.AsSpan(0, s_text.Length - 1), Starts()).ShouldBe(0);

    [Theory]
    [InlineData(1, 1 << 30)]
    [InlineData(4, 1 << 30)]
    [InlineData(7, 1 << 30)]
    [InlineData(5, 0)]
    public void Fields_whose_offsets_do_not_ascend_are_not_read(int field, int start)
    {
        var starts = Starts();
        starts[field] = start;

        Read(s_text, starts).ShouldBe(0);
    }

    private static int[] Starts()
    {
        var starts = new int[LaneColumns.Count + 1 + Separators.Slack];
        Separators.Find(s_text, Offset, LaneColumns.Count, starts);
        return starts;
    }

    private static int Read(ReadOnlySpan<byte> frame, int[] starts)
    {
        var groups = LaneColumns.GroupsOf([.. Enumerable.Range(0, LaneColumns.Count)
            .Select(i => new Column { Element = $"C{i}", Name = $"C{i}", Type = ColumnType.Integer })]);
        return LaneGroups.Read(frame, starts, groups, new ulong[LaneColumns.Count], new byte[LaneColumns.Count], out _);
    }
}
