using System.Text.Json;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>An answer of the plain HTTP side.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers, each as it came.</param>
/// <param name="Body">The body.</param>
internal sealed record WebReply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json
    {
        get
        {
            Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
            return Parse();
        }
    }

    /// <summary>The code of a problem, which has a title and a detail too, and is of this answer's status.</summary>
    public string Code
    {
        get
        {
            Headers["Content-Type"].ShouldBe("application/problem+json; charset=utf-8");
            var problem = Parse();
            problem.GetProperty("status").GetInt32().ShouldBe(Status);
            problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
            problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
            return problem.GetProperty("code").GetString()!;
        }
    }

    /// <summary>Everything that was told.</summary>
    public override string ToString() => $"{Status}\n{string.Join('\n', Headers.Select(h => $"{h.Key}: {h.Value}"))}\n\n{Body}";

    private JsonElement Parse()
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    }
}
