using KisFeed.TestSupport;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// The reference pages of the feeds agree with the code. <c>KISFEED_ACCEPT_DOCS=1</c> writes the pages instead of comparing them.
/// </summary>
public sealed class FeedPageTests
{
    private static readonly string s_folder = Path.Combine(RepositoryRoot.Path, "docs", "feeds");

    [Fact]
    public async Task Each_feed_has_a_page_that_agrees_with_the_code()
    {
        (string File, string Text)[] pages = [.. new FeedPages().All()];
        if (Environment.GetEnvironmentVariable("KISFEED_ACCEPT_DOCS") == "1")
        {
            Directory.CreateDirectory(s_folder);
            foreach (var (file, text) in pages)
                await File.WriteAllTextAsync(Path.Combine(s_folder, file), text);
        }

        const string Accept = "If the change is intended, run this test with KISFEED_ACCEPT_DOCS=1 and commit docs/feeds.";
        Directory.EnumerateFiles(s_folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)
            .ShouldBe(pages.Select(p => p.File).Order(StringComparer.Ordinal), Accept);
        foreach (var (file, text) in pages)
        {
            (await File.ReadAllTextAsync(Path.Combine(s_folder, file)))
                .ShouldBe(text, $"docs/feeds/{file} differs from the code. {Accept}");
        }
    }
}
