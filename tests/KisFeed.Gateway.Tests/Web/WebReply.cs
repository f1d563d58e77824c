using System.Text.Json;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>A response of the HTTP interface.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The header lines as received.</param>
/// <param name="Body">The body.</param>
internal sealed record WebReply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json
    {
        get
        {
            Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
            return JsonSerializer.Deserialize<JsonElement>(Body);
        }
    }

    /// <summary>The code of a problem; checks that it also has a title, a detail and the status of this response.</summary>
    public string Code
    {
        get
        {
            Headers["Content-Type"].ShouldBe("application/problem+json; charset=utf-8");
            var problem = JsonSerializer.Deserialize<JsonElement>(Body);
            problem.GetProperty("status").GetInt32().ShouldBe(Status);
            problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
            problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
            return problem.GetProperty("code").GetString()!;
        }
    }

    /// <summary>Asserts that the response is a problem with this code.</summary>
    public void ShouldBeProblem(int status, string code) => (Status, Code).ShouldBe((status, code), Body);

    /// <summary>Asserts that the response has these header lines, among others.</summary>
    public void ShouldHaveHeaders(params string[] lines) =>
        lines.Except(Headers.Select(header => $"{header.Key}: {header.Value}"), StringComparer.Ordinal).ShouldBeEmpty(ToString());

    /// <summary>The whole response.</summary>
    public override string ToString() => $"{Status}\n{string.Join('\n', Headers.Select(h => $"{h.Key}: {h.Value}"))}\n\n{Body}";

}
