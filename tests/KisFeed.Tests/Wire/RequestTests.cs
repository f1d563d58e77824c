using FsCheck;
using FsCheck.Fluent;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

public sealed class RequestTests
{
    private const string Valid = """{"header":{"approval_key":"k","custtype":"P","tr_type":"1","content-type":"utf-8"},"body":{"input":"""
        + """{"tr_id":"H0UPCNT0","tr_key":"0001"}}}""";

    [Theory]
    [InlineData(CustomerType.Person, (int)RequestType.Register, "P", "1")]
    [InlineData(CustomerType.Business, (int)RequestType.Release, "B", "2")]
    public void Write_MatchesTheProtocol(CustomerType customer, int type, string custtype, string trType) =>
        Text(new Request("a1b2-c3", customer, (RequestType)type, "H0IFCNI0", "내ID")).ShouldBe(
            $$$$$$"""{"header":{"approval_key":"a1b2-c3","custtype":"{{{{{{custtype}}}}}}","tr_type":"{{{{{{trType}}}}}}","content-"""
            + """type":"utf-8"},"body":{"input":{"tr_id":"H0IFCNI0","tr_key":"내ID"}}}""");

    [Fact]
    public void WrittenRequests_CanBeParsed() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Requests().ToArbitrary(), request =>
        {
            Request.TryParse(Encoding.UTF8.GetBytes(Text(request)), out var read, out _).ShouldBeTrue();
            read.ShouldBe(request);
        }));

    [Fact]
    public void TryParse_SkipsUnknownMembers()
    {
        Request.TryParse(Decoding.Bytes(""" {"x":1,"body":{"y":[],"input":{"tr_key":"0001","z":{},"tr_id":"H0UPCNT0"}}"""
            + ""","header":{"tr_type":"2","custtype":"B","approval_key":"k","personalseckey":"s"}}"""
            + """ """), out var request, out _).ShouldBeTrue();
        request.ShouldBe(new Request("k", CustomerType.Business, RequestType.Release, "H0UPCNT0", "0001"));
    }

    [Theory]
    [InlineData("", "OPSP9999")]
    [InlineData("PINGPONG", "OPSP9999")]
    [InlineData("{\"header\":", "OPSP9999")]
    [InlineData("[]", "OPSP9998")]
    [InlineData("1", "OPSP9998")]
    [InlineData("{}", "OPSP9998")]
    [InlineData("""{"header":null,"body":{}}""", "OPSP9998")]
    [InlineData("""{"header":{}}""", "OPSP9992")]
    [InlineData("""{"header":{},"body":"x"}""", "OPSP9992")]
    [InlineData("""{"header":{},"body":{}}""", "OPSP9991")]
    [InlineData("""{"header":{},"body":{"input":[]}}""", "OPSP9991")]
    public void TryParse_RejectsOtherJson(string json, string code) => ShouldBeRefused(json, code);

    [Theory]
    [InlineData("\"approval_key\":\"k\"", "\"approval_key\":\"\"", "OPSP9996")]
    [InlineData("\"approval_key\":\"k\",", "", "OPSP9996")]
    [InlineData("\"approval_key\":\"k\"", "\"approval_key\":7", "OPSP9996")]
    [InlineData("\"custtype\":\"P\",", "", "OPSP9997")]
    [InlineData("\"custtype\":\"P\"", "\"custtype\":\"\"", "OPSP9997")]
    [InlineData("\"custtype\":\"P\"", "\"custtype\":\"p\"", "OPSP8998")]
    [InlineData("\"tr_type\":\"1\"", "\"tr_type\":\"0\"", "OPSP8997")]
    [InlineData("\"tr_type\":\"1\"", "\"tr_type\":\"\"", "OPSP8997")]
    [InlineData("\"tr_type\":\"1\"", "\"tr_type\":1", "OPSP8997")]
    [InlineData("\"tr_type\":\"1\",", "", "OPSP8997")]
    [InlineData("\"tr_id\":\"H0UPCNT0\",", "", "OPSP8991")]
    [InlineData("\"tr_id\":\"H0UPCNT0\"", "\"tr_id\":\"\"", "OPSP8991")]
    [InlineData(",\"tr_key\":\"0001\"", "", "OPSP9990")]
    [InlineData("\"tr_key\":\"0001\"", "\"tr_key\":\"\"", "OPSP9990")]
    [InlineData("\"tr_key\":\"0001\"", "\"tr_key\":\"\\ud800\"", "OPSP9999")]
    public void TryParse_RejectsAnIncompleteRequest(string old, string replacement, string code)
    {
        Valid.ShouldContain(old);
        ShouldBeRefused(Valid.Replace(old, replacement, StringComparison.Ordinal), code);
    }

    [Fact]
    public void TryParse_AcceptsACompleteRequest() => Request.TryParse(Decoding.Bytes(Valid), out _, out _).ShouldBeTrue();

    [Fact]
    public void TextThatIsNotUnicode_IsRejected()
    {
        var bytes = Decoding.Bytes(Valid.Replace("0001", "00?1", StringComparison.Ordinal));
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        Request.TryParse(bytes, out _, out var refusal).ShouldBeFalse();
        refusal.ShouldBe(BrokerCode.InvalidJson);
    }

    [Fact]
    public void Numbers_AreAcceptedIfAllowed()
    {
        var bytes = Decoding.Bytes(
            """{"header":{"approval_key":"k","custtype":"P","tr_type":2},"body":{"input":{"tr_id":"H0UPCNT0","tr_key":1001}}}""");

        Request.TryParse(bytes, out _, out var refusal).ShouldBeFalse();
        refusal.ShouldBe(BrokerCode.InvalidRequestType);
        Request.TryParse(bytes, out var request, out _, allowNumbers: true).ShouldBeTrue();
        request.ShouldBe(new Request("k", CustomerType.Person, RequestType.Release, "H0UPCNT0", "1001"));
    }

    private static void ShouldBeRefused(string json, string code)
    {
        Request.TryParse(Decoding.Bytes(json), out var request, out var refusal).ShouldBeFalse();
        refusal.Value.ShouldBe(code);
        request.ShouldBe(default);
    }

    private static string Text(Request request)
    {
        var output = new ArrayBufferWriter<byte>();
        request.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static Gen<Request> Requests()
    {
        var text = Gen.NonEmptyListOf(
            Gen.Frequency((5, Gen.Choose(' ', '~').Select(c => (char)c)), (1, Gen.Elements('"', '\\', '\n', '가', '\u2028', '\0'))))
        .Select(c => new string([.. c]));
        return from approval in text
               from trId in text
               from trKey in text
               from customer in Gen.Elements(CustomerType.Person, CustomerType.Business)
               from type in Gen.Elements(RequestType.Register, RequestType.Release)
               select new Request(approval, customer, type, trId, trKey);
    }
}
