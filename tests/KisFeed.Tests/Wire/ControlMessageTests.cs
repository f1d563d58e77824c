using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

/// <summary>The JSON messages of the server in every form that has been observed.</summary>
public sealed class ControlMessageTests
{
    private const string Key = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";

    [Fact]
    public void Acknowledgement_ContainsKeyAndIv()
    {
        var reply = Reply("""{"header":{"tr_id":"H0IFCNI0","tr_key":"HTSID","encrypt":"Y"}"""
            + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE """
            + $$$$$$"""SUCCESS","output":{"iv":"{{{{{{Iv}}}}}}","key":"{{{{{{Key}}}}}}"}}}""");

        reply.TrId.ShouldBe("H0IFCNI0");
        reply.TrKey.ShouldBe("HTSID");
        reply.ResultCode.ShouldBe("0");
        reply.IsSuccess.ShouldBeTrue();
        reply.Code.ShouldBe(BrokerCode.SubscribeSuccess);
        reply.Text.ShouldBe("SUBSCRIBE SUCCESS");
        reply.HasInvalidNoticeKey.ShouldBeFalse();
        Encoding.ASCII.GetString(reply.NoticeKey.ShouldNotBeNull().Key).ShouldBe(Key);
        Encoding.ASCII.GetString(reply.NoticeKey.Iv).ShouldBe(Iv);
    }

    [Theory]
    [InlineData("""{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"}"""
        + ""","body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}""", "9", "OPSP8996", "ALREADY IN USE appkey")]
    [InlineData(
        """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0017","msg1":"ERROR : htsid가잘못되었습니다"}}""",
        "9",
        "OPSP0017",
        "ERROR : htsid가잘못되었습니다")]
    [InlineData(
        """{"header":{"tr_id":null,"tr_key":null},"body":{"rt_cd":"1","msg_cd":"OPSP0009","msg1":null,"output":null}}""",
        "1",
        "OPSP0009",
        "")]
    [InlineData("""{"header":null,"body":{"rt_cd":"1"}}""", "1", "", "")]
    [InlineData("""{"body":{"rt_cd":1,"msg_cd":8996,"msg1":0.5}}""", "1", "8996", "0.5")]
    [InlineData("""{"body":{"msg_cd":"OPSP9999","rt_cd":"9"},"header":{}}""", "9", "OPSP9999", "")]
    public void Refusal_WithoutAHeader(string json, string resultCode, string code, string text)
    {
        var reply = Reply(json);

        reply.TrId.ShouldBeNull();
        reply.TrKey.ShouldBeNull();
        reply.ResultCode.ShouldBe(resultCode);
        reply.IsSuccess.ShouldBeFalse();
        reply.Code.Value.ShouldBe(code);
        reply.Text.ShouldBe(text);
        reply.NoticeKey.ShouldBeNull();
        reply.HasInvalidNoticeKey.ShouldBeFalse();
    }

    [Fact]
    public void UnknownMembers_AreSkipped()
    {
        var reply = Reply("""
            { "version" : [1, {"rt_cd":"9"}],
              "header": {"x":{"tr_id":"NO"},"tr_id":"H0UPCNT0","tr_key":"0001","y":[[]],"encrypt":"N","datetime":"1"},
              "body": {"z":true,"rt_cd":"0","msg_cd":"OPSP0000","msg1":"OK","output":{"a":{"key":"no"},"b":null}, "w":-1.5e3} , "body2":"" }
            """);

        (reply.TrId, reply.TrKey, reply.ResultCode, reply.Code.Value, reply.Text).ShouldBe(("H0UPCNT0", "0001", "0", "OPSP0000", "OK"));
        reply.NoticeKey.ShouldBeNull();
    }

    [Fact]
    public void Escapes_AreResolved()
    {
        var reply = Reply("""{"header":{"tr\u005fid":"H0UPCNT0","tr_key":"\uc0bc\n\"\\"}"""
            + ""","body":{"rt_cd":"\u0030","msg1":"\ud83d\ude00","output":"""
            + """{"key":"\u0061bcdefghijklmnopabcdefghijklmnop","iv":"0123456789abcde\u0066"}}}""");

        reply.TrId.ShouldBe("H0UPCNT0");
        reply.TrKey.ShouldBe("삼 \"\\");
        reply.IsSuccess.ShouldBeTrue();
        reply.Text.ShouldBe("😀");
        Encoding.ASCII.GetString(reply.NoticeKey.ShouldNotBeNull().Key).ShouldBe(Key);
    }

    [Theory]
    [InlineData("""{"iv":"0123456789abcdef","key":"short"}""")]
    [InlineData("""{"iv":"0123","key":"abcdefghijklmnopabcdefghijklmnop"}""")]
    [InlineData("""{"key":"abcdefghijklmnopabcdefghijklmnop"}""")]
    [InlineData("""{"iv":"0123456789abcdef"}""")]
    [InlineData("""{"iv":"0123456789abcdef","key":"abcdefghijklmnopabcdefghijklmno\uac00"}""")]
    public void KeyOfTheWrongLength_IsReported(string output)
    {
        var reply = Reply($$$"""{"header":{"tr_id":"H0IFCNI0"},"body":{"rt_cd":"0","output":{{{output}}}}}""");

        reply.IsSuccess.ShouldBeTrue();
        reply.NoticeKey.ShouldBeNull();
        reply.HasInvalidNoticeKey.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"iv":"","key":""}""")]
    [InlineData("""{"iv":null,"key":null}""")]
    [InlineData("""{"iv":"(null)","key":"(null)"}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("[{\"key\":\"x\"}]")]
    public void MissingKey_IsNotAnError(string output)
    {
        var reply = Reply($$$$$$"""{"header":{"tr_id":"H0UPCNT0"},"body":{"rt_cd":"0","output":{{{{{{output}}}}}},"msg_cd":"OPSP0000"}}""");

        reply.NoticeKey.ShouldBeNull();
        reply.HasInvalidNoticeKey.ShouldBeFalse();
        reply.Code.ShouldBe(BrokerCode.SubscribeSuccess);
    }

    [Fact]
    public void TheLastOfDuplicateMembers_IsUsed() =>
        Reply("""{"header":{"tr_id":"A","tr_id":"B"},"body":{"rt_cd":"1","rt_cd":"0"}}""").ShouldSatisfyAllConditions(
            r => r.TrId.ShouldBe("B"),
            r => r.ResultCode.ShouldBe("0"));

    [Theory]
    [InlineData("""{"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}""", "20261120093001")]
    [InlineData("""{"header":{"datetime":20261120093001,"tr_id":"PINGPONG"},"body":null}""", "20261120093001")]
    [InlineData("""{"header":{"tr_id":"PINGPONG"}}""", null)]
    public void Heartbeat_IsParsed(string json, string? dateTime) =>
        ControlMessage.TryParse(Decoding.Bytes(json), out _).ShouldBe(new Heartbeat(dateTime));

    [Theory]
    [InlineData("", 0)]
    [InlineData("{", 1)]
    [InlineData("[]", 1)]
    [InlineData("\"text\"", 6)]
    [InlineData("{}", 2)]
    [InlineData("{}{}", 2)]
    [InlineData("""{"header":{"tr_id":"H0UPCNT0"}}""", 31)]
    [InlineData("""{"header":{"tr_id":"H0UPCNT0"},"body":{}}""", 41)]
    [InlineData("""{"header":{},"body":{"rt_cd":""}}""", 33)]
    [InlineData("""{"header":{},"body":{"rt_cd":"(null)"}}""", 39)]
    [InlineData("""{"header":"text","body":{"rt_cd":"0"}}""", 16)]
    [InlineData("""{"header":{"tr_id":{}},"body":{"rt_cd":"0"}}""", 20)]
    [InlineData("""{"header":{"tr_id":true},"body":{"rt_cd":"0"}}""", 23)]
    [InlineData("""{"header":{},"body":{"rt_cd":"0"}} x""", 35)]
    [InlineData("""{"header":{},"body":{"rt_cd":"0"},}""", 34)]
    [InlineData("""{'header':{}}""", 1)]
    [InlineData("""{"header":{},"body":{"rt_cd":"0","output":{"key":7}}}""", 50)]
    public void OtherJson_IsAnError(string json, int position)
    {
        ControlMessage.TryParse(Decoding.Bytes(json), out var error).ShouldBeNull();
        error.Kind.ShouldBe(FrameErrorKind.InvalidControlMessage);
        error.Position.ShouldBe(position);
    }

    [Theory]
    [InlineData("""{"header":{"tr_id":"?"},"body":{"rt_cd":"0"}}""")]
    [InlineData("""{"header":{"tr_id":"A"},"body":{"rt_cd":"0","output":{"key":"?"}}}""")]
    [InlineData("""{"header":{"tr_id":"\ud800"},"body":{"rt_cd":"0"}}""")]
    public void TextThatIsNotUnicode_IsAnError(string json)
    {
        var bytes = Decoding.Bytes(json);
        var invalidIndex = Array.IndexOf(bytes, (byte)'?');
        if (invalidIndex >= 0)
            bytes[invalidIndex] = 0xFF;
        ControlMessage.TryParse(bytes, out var error).ShouldBeNull();
        error.Kind.ShouldBe(FrameErrorKind.InvalidControlMessage);
        error.Position.ShouldBeInRange(0, bytes.Length);
    }

    [Fact]
    public void DeepNesting_IsAnError()
    {
        ControlMessage.TryParse(Decoding.Bytes("{\"x\":" + new string('[', 100_000)), out var error).ShouldBeNull();
        error.Kind.ShouldBe(FrameErrorKind.InvalidControlMessage);
    }

    [Fact]
    public void AnOverlongKey_IsAnError()
    {
        ControlMessage.TryParse(
            Decoding.Bytes($$$$$$"""{"body":{"rt_cd":"0","output":{"key":"{{{{{{new string('k', 100_000)}}}}}}"}}}"""), out var error)
            .ShouldBeNull();
        error.Kind.ShouldBe(FrameErrorKind.InvalidControlMessage);
    }

    private static BrokerReply Reply(string json)
    {
        var message = ControlMessage.TryParse(Decoding.Bytes(json), out var error);
        error.Kind.ShouldBe(FrameErrorKind.None);
        return message.ShouldBeOfType<BrokerReply>();
    }

    [Fact]
    public void Text_in_another_encoding_does_not_hide_the_code()
    {
        // 오류 in EUC-KR.
        byte[] text =
        [
            .. """{"header":{"tr_id":"H0UPCNT0","tr_key":"0001"},"body":{"rt_cd":"9","msg_cd":"OPSP0008","msg1":"ERROR : """u8, 0xBF, 0xC0,
            0xB7, 0xF9, .. "\"}}"u8,
        ];
        var reply = ControlMessage.TryParse(text, out _).ShouldBeOfType<BrokerReply>();
        reply.Code.ShouldBe(BrokerCode.TooManySubscriptions);
        reply.Text.ShouldStartWith("ERROR : \ufffd");
    }
}
