using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>The configuration page lists every option, and its examples work.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private static readonly string s_root = FindRoot();
    private static readonly string s_page = Read("docs/configuration.md");

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_page_lists_every_option_and_variable()
    {
        foreach (var row in OptionTable.Rows)
            s_page.ShouldContain($"`{row.Name}`");
        foreach (var variable in typeof(KisFeedVariables).GetFields(BindingFlags.Public | BindingFlags.Static))
            s_page.ShouldContain($"`{variable.GetValue(null)}`");
    }

    [Fact]
    public void The_example_section_is_valid()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Block("json")));
        var section = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("KisFeed");
        var configuration = KisFeedConfiguration.Read(_home.Sources() with { Section = section });

        configuration.Validate();
        configuration.Options.AdditionalAppKeys.ShouldHaveSingleItem().Name.ShouldBe("second account");
        configuration.Options.Reconnect.MaxDelay.ShouldBe(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void The_example_file_is_valid()
    {
        _home.Write(Block("yaml"));
        KisFeedConfiguration.Read(_home.Sources()).Validate();
        KisFeedConfiguration.Read(_home.Sources((KisFeedVariables.Environment, "mock"))).Validate();
    }

    [Fact]
    public void The_printed_explanation_is_correct()
    {
        _home.Write(Block("yaml"));
        var configuration = KisFeedConfiguration.Read(
            _home.Sources((KisFeedVariables.Url, "ws://127.0.0.1:21000")) with { Section = Home.Section(("MaxRegistrations", "20")) });

        configuration.ToString().ReplaceLineEndings("\n").ShouldBe(Block("").TrimEnd('\n'));
    }

    [Fact]
    public void The_program_is_the_compiled_sample() => Block("csharp").ShouldBe(Read("samples/Worker/Program.cs"));

    private static string Block(string language) =>
        Fences().Matches(s_page).First(m => m.Groups["language"].Value == language).Groups["body"].Value;

    private static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KisFeed.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the tests run outside the repository");
    }

    [GeneratedRegex(
        "^```(?<language>[a-z]*)\n(?<body>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex Fences();
}
