using System.Text.Json;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>
/// Holds JSON against a schema of an OpenAPI 3.1 document, as far as ours goes: types, required and further properties, items, enums, references, allOf and anyOf. A keyword that it does not know fails,
/// so that nothing goes unchecked.
/// </summary>
internal sealed class JsonShape(JsonElement document)
{
    private static readonly HashSet<string> s_known = new(
        ["$ref", "type", "required", "properties", "additionalProperties", "items", "enum", "allOf", "anyOf", "description", "format", "default"], StringComparer.Ordinal);

    /// <summary>What does not fit, and where; nothing where all does.</summary>
    public IEnumerable<string> Misfits(JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Misfits(Find(reference.GetString()!), value, at);
        var unknown = schema.EnumerateObject().Where(p => !s_known.Contains(p.Name)).Select(p => $"{at}: the schema has {p.Name}");
        return [.. unknown, .. MisfitsOfValue(schema, value, at), .. MisfitsOfMembers(schema, value, at), .. MisfitsOfItems(schema, value, at)];
    }

    /// <summary>What a reference of the document points to.</summary>
    public JsonElement Find(string reference) => reference.Split('/').Skip(1).Aggregate(document, (element, name) => element.GetProperty(name));

    private IEnumerable<string> MisfitsOfValue(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("type", out var type) && !TextsOf(type).Any(t => Is(t, value)))
            yield return $"{at}: {value.ValueKind} is no {type}";
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(a => JsonElement.DeepEquals(a, value)))
            yield return $"{at}: {value} is not among {allowed}";
        if (schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" && value.ValueKind == JsonValueKind.String && !value.TryGetDateTimeOffset(out _))
            yield return $"{at}: {value} is no time";
        if (schema.TryGetProperty("anyOf", out var some) && some.EnumerateArray().All(s => Misfits(s, value, at).Any()))
            yield return $"{at}: {value} is none of {some}";
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var misfit in all.EnumerateArray().SelectMany(s => Misfits(s, value, at)))
                yield return misfit;
        }
    }

    private IEnumerable<string> MisfitsOfMembers(JsonElement schema, JsonElement value, string at)
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
            var place = $"{at}.{member.Name}";
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var shape))
            {
                foreach (var misfit in Misfits(shape, member.Value, place))
                    yield return misfit;
            }
            else if (schema.TryGetProperty("additionalProperties", out var further))
            {
                foreach (var misfit in further.ValueKind == JsonValueKind.False ? [$"{place}: is not in the document"] : Misfits(further, member.Value, place))
                    yield return misfit;
            }
        }
    }

    private IEnumerable<string> MisfitsOfItems(JsonElement schema, JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items)
            ? value.EnumerateArray().SelectMany((item, i) => Misfits(items, item, $"{at}[{i}]"))
            : [];

    private static IEnumerable<string> TextsOf(JsonElement oneOrMore) =>
        oneOrMore.ValueKind == JsonValueKind.Array ? oneOrMore.EnumerateArray().Select(t => t.GetString()!) : [oneOrMore.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
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
