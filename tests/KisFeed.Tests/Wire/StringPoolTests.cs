namespace KisFeed.Tests.Wire;

public sealed class StringPoolTests
{
    [Fact]
    public void TheSameText_IsTheSameString()
    {
        var pool = new StringPool();
        pool.TryGet("삼성전자"u8, out var first).ShouldBeTrue();
        pool.TryGet("삼성전자"u8, out var second).ShouldBeTrue();

        first.ShouldBe("삼성전자");
        ReferenceEquals(first, second).ShouldBeTrue();
    }

    [Fact]
    public void ManyTexts_ArePreserved()
    {
        var pool = new StringPool();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                var text = $"종목 {i}";
                pool.TryGet(Encoding.UTF8.GetBytes(text), out var pooled).ShouldBeTrue();
                pooled.ShouldBe(text);
            }
        }
    }

    [Fact]
    public void LongTexts_ArePreserved()
    {
        var pool = new StringPool();
        var text = new string('가', 100);
        pool.TryGet(Encoding.UTF8.GetBytes(text), out var pooled).ShouldBeTrue();
        pooled.ShouldBe(text);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xEA, 0xB0 })]
    [InlineData(new byte[] { 0x41, 0xC0, 0x80 })]
    public void InvalidUtf8_IsRejected_AndNotPooled(byte[] bytes)
    {
        var pool = new StringPool();
        pool.TryGet(bytes, out var text).ShouldBeFalse();
        text.ShouldBe("");
        pool.TryGet(bytes, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task APool_IsThreadSafe()
    {
        var pool = new StringPool();
        var texts = Enumerable.Range(0, 5000).Select(i => (Utf8: Encoding.UTF8.GetBytes($"K{i % 3000}"), Text: $"K{i % 3000}")).ToArray();

        await Parallel.ForAsync(0, 8, (_, _) =>
        {
            foreach (var (utf8, text) in texts)
            {
                pool.TryGet(utf8, out var pooled).ShouldBeTrue();
                pooled.ShouldBe(text);
            }

            return ValueTask.CompletedTask;
        });
    }
}
