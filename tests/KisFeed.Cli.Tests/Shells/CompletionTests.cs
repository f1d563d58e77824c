using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Tests.Shells;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("kisfeed wat", "watch")]
    [InlineData("kisfeed gateway token ro", "rotate")]
    [InlineData("kisfeed export --form", "--format")]
    [InlineData("kisfeed watch --format js", "json")]
    [InlineData("kisfeed watch trade-n", "trade-nxt:")]
    [InlineData("kisfeed watch index:0001 h0upc", "H0UPCNT0:")]
    [InlineData("kisfeed completion f", "fish")]
    [InlineData("kisfeed watch --format=js", "--format=json")]
    public async Task Commands_options_values_and_feeds_are_completed(string line, string completion)
    {
        var run = await CommandRun.OfAsync("complete", line);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.Select(text => text.Split('\t')[0]).ShouldContain(completion, StringComparer.Ordinal);
        var word = line[(line.LastIndexOf(' ') + 1)..];
        run.Lines.ShouldAllBe(text => text.StartsWith(word, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_empty_word_lists_the_commands_with_their_descriptions()
    {
        var run = await CommandRun.OfAsync("complete", "kisfeed ");

        run.Lines.ShouldContain(line => line.StartsWith("watch\t", StringComparison.Ordinal) && line.Length > "watch\t".Length);
        run.Lines.ShouldNotContain(line => line.StartsWith("complete\t", StringComparison.Ordinal));
        run.Lines.ShouldAllBe(line => line.Length > 0);
    }

    /// <summary>Each shell runs its script, and completes lines as with the tab key.</summary>
    [Theory]
    [InlineData("bash", """
        source <(kisfeed completion bash)
        try() { COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=(kisfeed) COMP_CWORD=0; _kisfeed; echo "[${COMPREPLY[*]}]"; }
        compopt() { :; }
        complete -p kisfeed >/dev/null || echo 'not registered'
        try 'kisfeed wat'; try 'kisfeed watch trade-n'; try 'kisfeed watch --format=js'; try 'kisfeed watch trade-nxt:0059'
        """, "[watch]", "[trade-nxt:]", "[json]", "[]")]
    [InlineData("zsh", """
        autoload -Uz compinit && compinit -u -D
        source <(kisfeed completion zsh)
        [[ $_comps[kisfeed] == _kisfeed ]] || echo 'not registered'
        compadd() { local name=${@[-1]}; echo "[${(P)name}]"; }
        _files() { echo "[]"; }
        try() { words=(${(z)1}) CURRENT=$#words PREFIX=$words[-1]; _kisfeed; }
        try 'kisfeed wat'; try 'kisfeed watch trade-n'; try 'kisfeed watch --format js'; try 'kisfeed watch trade-nxt:0059'
        """, "[watch]", "[trade-nxt:]", "[json]", "[]")]
    [InlineData("fish", """
        kisfeed completion fish | source
        for line in 'kisfeed wat' 'kisfeed watch trade-n' 'kisfeed watch --format=js' 'kisfeed watch trade-nxt:0059'
          set found (complete --do-complete $line | string replace --regex '\t.*' '')
          echo "[$found]"
        end
        """, "[watch]", "[trade-nxt:]", "[--format=json]", "[]")]
    public async Task The_script_works_in_its_shell(string shell, string script, params string[] expected)
    {
        Assert.SkipUnless(IsInstalled(shell), $"needs {shell}, which eng/setup.sh --all installs on Debian");
        var folder = Directory.CreateTempSubdirectory("kisfeed-shell-");
        try
        {
            var command = Path.Combine(folder.FullName, "kisfeed");
            await File.WriteAllTextAsync(command, $"#!/bin/sh\nexec '{string.Join("' '", ProcessRunner.KisFeed)}' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = $"{folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
                ["HOME"] = folder.FullName,
                ["LC_ALL"] = "C.UTF-8",
            };

            var output = await ProcessRunner.RunAsync(
                shell, [shell == "fish" ? "--no-config" : shell == "zsh" ? "--no-rcs" : "--norc", "-c", script], Patience.Limit,
                new ProcessOptions { Environment = environment });

            output.TrimEnd('\n').ShouldBe(string.Join('\n', expected));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_shell_has_a_script()
    {
        foreach (var shell in Enum.GetValues<Shell>())
            CompletionScript.Of(shell).ShouldContain("kisfeed complete ");
        Enum.GetValues<Shell>().Select(CompletionScript.Of).Distinct(StringComparer.Ordinal).Count().ShouldBe(4);
    }

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
