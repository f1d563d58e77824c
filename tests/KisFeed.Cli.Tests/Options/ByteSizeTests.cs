namespace KisFeed.Cli.Tests.Options;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("65536", 65536)]
    [InlineData("64K", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("64KB", 65536)]
    [InlineData("64KiB", 65536)]
    [InlineData("10b", 10)]
    [InlineData("1.5M", 1_572_864)]
    [InlineData("2G", 2_147_483_648)]
    public void A_number_with_an_optional_unit_is_a_size(string text, long bytes)
    {
        ByteSize.TryParse(text, out var size).ShouldBeTrue();
        size.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("iB")]
    [InlineData("0")]
    [InlineData("-1K")]
    [InlineData("1,5M")]
    [InlineData("64X")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("99999999999G")]
    public void Other_texts_are_not_sizes(string text) => ByteSize.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KB")]
    [InlineData(1_887_437, "1.8 MB")]
    [InlineData(5_368_709_120, "5.00 GB")]
    public void Sizes_are_printed_in_the_best_unit(long bytes, string text) => ByteSize.Text(bytes).ShouldBe(text);
}
