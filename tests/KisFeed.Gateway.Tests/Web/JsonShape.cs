using System.Text.Json;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>
/// Validates JSON against a schema of an OpenAPI 3.1 document, with the keywords that ours uses: types, required and additional properties,
/// items, enums, references, allOf and anyOf. An unknown keyword fails, so that nothing is unchecked.
/// </summary>
internal sealed class JsonShape(JsonElement document)
{
    private static readonly HashSet<string> s_known = new(
        [
            "$ref", "type", "required", "properties", "additionalProperties", "items", "enum", "allOf", "anyOf", "description", "format",
            "default",
        ],
        StringComparer.Ordinal);

    /// <summary>Finds all mismatches with their paths.</summary>
    public IEnumerable<string> FindMismatches(JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return FindMismatches(Find(reference.GetString()!), value, at);
        var unknown = schema.EnumerateObject().Where(p => !s_known.Contains(p.Name)).Select(p => $"{at}: the schema has {p.Name}");
        return
        [
            .. unknown,
            .. MismatchesOfValue(schema, value, at),
            .. MismatchesOfMembers(schema, value, at),
            .. MismatchesOfItems(schema, value, at),
        ];
    }

    /// <summary>Resolves a reference of the document.</summary>
    public JsonElement Find(string reference) =>
        reference.Split('/').Skip(1).Aggregate(document, (element, name) => element.GetProperty(name));

    private IEnumerable<string> MismatchesOfValue(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("type", out var type) && !TextsOf(type).Any(t => IsOfType(t, value)))
            yield return $"{at}: {value.ValueKind} is no {type}";
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(a => JsonElement.DeepEquals(a, value)))
            yield return $"{at}: {value} is not among {allowed}";
        if (schema.TryGetProperty("format", out var format)
            && format.GetString() == "date-time"
            && value.ValueKind == JsonValueKind.String
            && !value.TryGetDateTimeOffset(out _))
        {
            yield return $"{at}: {value} is not a valid time";
        }
        if (schema.TryGetProperty("anyOf", out var some) && some.EnumerateArray().All(s => FindMismatches(s, value, at).Any()))
            yield return $"{at}: {value} is none of {some}";
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var mismatch in all.EnumerateArray().SelectMany(s => FindMismatches(s, value, at)))
                yield return mismatch;
        }
    }

    private IEnumerable<string> MismatchesOfMembers(JsonElement schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
            yield break;
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in TextsOf(required).Where(n => !value.TryGetProperty(n, out _)))
                yield return $"{at}: there is no {name}";
        }

        foreach (var member in value.EnumerateObject())
        {
            var path = $"{at}.{member.Name}";
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var shape))
            {
                foreach (var mismatch in FindMismatches(shape, member.Value, path))
                    yield return mismatch;
            }
            else if (schema.TryGetProperty("additionalProperties", out var further))
            {
                foreach (var mismatch in further.ValueKind == JsonValueKind.False ? [$"{path}: is not in the document"] : FindMismatches(
                    further, member.Value, path))
                {
                    yield return mismatch;
                }
            }
        }
    }

    private IEnumerable<string> MismatchesOfItems(JsonElement schema, JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items)
            ? value.EnumerateArray().SelectMany((item, i) => FindMismatches(items, item, $"{at}[{i}]"))
            : [];

    private static IEnumerable<string> TextsOf(JsonElement oneOrMore) =>
        oneOrMore.ValueKind == JsonValueKind.Array ? oneOrMore.EnumerateArray().Select(t => t.GetString()!) : [oneOrMore.GetString()!];

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
