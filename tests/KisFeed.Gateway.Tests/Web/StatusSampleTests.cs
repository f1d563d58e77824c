using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The status in the documentation has the members of a real one, in the same order.</summary>
public sealed class StatusSampleTests
{
    private const string Command = "$ curl -s http://127.0.0.1:21000/v1/status\n{";

    [Fact]
    public async Task The_sample_in_the_documentation_has_the_members_of_a_status()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        var status = (await testGateway.GetAsync("/v1/status")).Json;

        var page = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md").Select(File.ReadAllText)
            .Single(text => text.Contains(Command, StringComparison.Ordinal));
        var start = page.IndexOf(Command, StringComparison.Ordinal) + Command.Length - 1;
        using var sample = JsonDocument.Parse(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
        MembersOf(sample.RootElement).ShouldBe(MembersOf(status));
    }

    private static IEnumerable<string> MembersOf(JsonElement element, string path = "") => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => MembersOf(member.Value, $"{path}.{member.Name}")),
        JsonValueKind.Array => MembersOf(element[0], $"{path}[0]"),
        _ => [path],
    };
}
