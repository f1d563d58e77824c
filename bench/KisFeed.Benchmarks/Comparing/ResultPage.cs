using System.CommandLine;
using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>
/// <c>docs/performance.md</c>. Its results are in sections between <c>&lt;!-- results: NAME --&gt;</c> and
/// <c>&lt;!-- end of results --&gt;</c>, which only the benchmarks write, with date, commit and machine.
/// </summary>
internal sealed class ResultPage
{
    private const string End = "<!-- end of results -->";

    private readonly string _path;
    private readonly string _commit;

    private ResultPage(string path, string commit)
    {
        _path = path;
        _commit = commit;
    }

    public static Option<bool> NewOption() =>
        new("--update-docs") { Description = "Write the results to docs/performance.md, with date, commit and machine.", Recursive = true };

    /// <summary>Opens the page of this repository.</summary>
    /// <exception cref="InvalidOperationException">The commit is unknown, or the measured code is not that of a commit.</exception>
    public static async Task<ResultPage> OpenAsync(CancellationToken cancellationToken)
    {
        var root = RepositoryRoot.Path;
        var commit = await GitAsync("rev-parse", "--short=10", "HEAD")
            ?? throw new InvalidOperationException("git does not know the commit; results need one");
        if (await GitAsync("status", "--porcelain", "--", "src", "bench") is not "")
        {
            throw new InvalidOperationException(
                "src/ or bench/ has changes that are not committed; results need a commit that has their code");
        }
        return new ResultPage(Path.Combine(root, "docs", "performance.md"), commit);

        async Task<string?> GitAsync(params string[] arguments) =>
            (await ProcessRunner.TryRunAsync("git", ["-C", root, .. arguments], TimeSpan.FromSeconds(10), cancellationToken))?.Trim();
    }

    /// <summary>Replaces the results of one section.</summary>
    /// <param name="name">The name of the section.</param>
    /// <param name="command">The command that has measured them.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="results">The results, in Markdown.</param>
    public void Replace(string name, string command, Machine machine, string results)
    {
        var heading = string.Create(
            CultureInfo.InvariantCulture,
            $"`{command}` on {machine.Date:yyyy-MM-dd}, commit {_commit}: {machine.Processor}, {machine.Cores} cores, {machine.Vectors}; "
                + $"{machine.Runtime}; load average {machine.Load} at the start.");
        File.WriteAllText(_path, Replace(File.ReadAllText(_path), name, $"{heading}\n{results.ReplaceLineEndings("\n")}"));
    }

    /// <summary>Replaces a section in the text of a page.</summary>
    /// <exception cref="InvalidOperationException">The page has no such section.</exception>
    public static string Replace(string page, string name, string results)
    {
        var begin = BeginOf(name);
        var at = page.IndexOf(begin, StringComparison.Ordinal);
        var end = at < 0 ? -1 : page.IndexOf(End, at, StringComparison.Ordinal);
        return end < 0
            ? throw new InvalidOperationException($"docs/performance.md has no section '{begin}' that ends with '{End}'")
            : $"{page[..(at + begin.Length)]}\n\n{results.Trim()}\n\n{page[end..]}";
    }

    /// <summary>The line before the results of a section.</summary>
    public static string BeginOf(string name) => $"<!-- results: {name} -->";
}
