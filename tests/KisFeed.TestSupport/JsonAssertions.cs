using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace KisFeed.TestSupport;

/// <summary>Compares JSON with what a test expects.</summary>
internal static class JsonAssertions
{
    /// <summary>Asserts that all expected members have their values. Objects may have other members, arrays no other items.</summary>
    public static void ShouldHave(this JsonElement actual, [StringSyntax(StringSyntaxAttribute.Json)] string expected)
    {
        using var document = JsonDocument.Parse(expected);
        MismatchesOf(document.RootElement, actual, "$").ShouldBeEmpty(actual.GetRawText());
    }

    private static IEnumerable<string> MismatchesOf(JsonElement expected, JsonElement actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            return expected.EnumerateObject().SelectMany(member => actual.TryGetProperty(member.Name, out var value)
                ? MismatchesOf(member.Value, value, $"{path}.{member.Name}")
                : [$"{path}.{member.Name} is missing"]);
        }

        if (expected.ValueKind == JsonValueKind.Array
            && actual.ValueKind == JsonValueKind.Array
            && expected.GetArrayLength() == actual.GetArrayLength())
        {
            return expected.EnumerateArray().Zip(actual.EnumerateArray())
                .SelectMany((pair, i) => MismatchesOf(pair.First, pair.Second, $"{path}[{i}]"));
        }

        return JsonElement.DeepEquals(expected, actual) ? [] : [$"{path}: {actual.GetRawText()} instead of {expected.GetRawText()}"];
    }
}
