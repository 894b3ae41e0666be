"""What happens in the demo town: which matters, how often, where, when, and in whose words."""

from dataclasses import dataclass

COLD, WARM, WET = (12, 1, 2), (5, 6, 7, 8, 9), (6, 7, 8)


@dataclass(frozen=True)
class Happening:
    """One kind of case. `key` names the item; `weight` is its share, threefold in `season`."""

    key: str
    theme: str
    places: tuple[str, ...]
    weight: float
    words: tuple[str, ...]
    season: tuple[int, ...] = ()
    done: str = "已处理完毕，现场恢复正常"


STREETS = ("street", "crossing")
HAPPENINGS = (
    Happening("event:0110", "rubbish", ("street", "estate", "market"), 9,
              ("有一堆生活垃圾没人清，已有异味", "垃圾袋散在路边，被翻得到处都是", "约两平方米暴露垃圾"), WARM, "垃圾已清运，地面冲洗干净"),
    Happening("event:0192", "rubbish", ("estate", "street"), 6, ("垃圾桶满了，外溢到地上", "果皮箱满溢，周围有散落垃圾"), WARM, "已清空并擦洗桶身"),
    Happening("event:0112", "street", STREETS, 5, ("路面有泥土和落叶，未清扫", "地面有大片污渍"), (), "已清扫冲洗"),
    Happening("event:0136", "rubbish", ("estate", "street"), 5, ("门口堆了杂物，占了半条人行道", "楼道口堆放纸箱和旧木料"), (), "杂物已清走"),
    Happening("event:0135", "rubbish", ("estate",), 3, ("有人丢了一张旧沙发在楼下", "旧衣柜和床垫放在绿化带旁"), (), "废弃家具已运走"),
    Happening("event:0201", "posters", ("street", "estate", "market"), 7, ("墙上贴了许多小广告", "单元门上新贴了开锁广告"), (), "小广告已清除"),
    Happening("event:0405", "stalls", ("street", "market"), 7, ("店铺把货摆到人行道上，行人只能走车道", "餐馆在门外摆了四张桌子"), (), "经劝导已收回店内"),
    Happening("event:0401", "stalls", ("street", "crossing", "market"), 6, ("流动摊贩占着路口叫卖", "三轮车卖水果，挡住盲道"), WARM, "摊贩已劝离"),
    Happening("event:0129", "stalls", ("street", "market"), 2, ("露天烧烤，油烟很大", "夜里烧烤摊占道，烟熏到楼上"), WARM, "烧烤摊已撤除"),
    Happening("event:0410", "bikes", ("street", "estate", "public"), 7, ("电动车停满人行道", "自行车乱停，挡住出入口"), (), "车辆已摆放整齐"),
    Happening("event:0493", "bikes", STREETS, 6, ("共享单车倒了一片", "公交站旁共享单车堆积"), (), "单车已清运归位"),
    Happening("event:0496", "cars", ("estate", "street"), 4, ("消防通道被私家车占着", "小区西门消防通道停了四辆车"), (), "车辆已移开，通道恢复畅通"),
    Happening("event:0113", "road", STREETS, 4, ("路面有坑，骑车容易摔", "人行道砖松了好几块"), (), "路面已修补"),
    Happening("event:0117", "green", ("green", "street"), 4, ("绿地里有白色垃圾", "绿化带里堆着枯枝"), (), "绿地已清理"),
    Happening("event:0191", "green", ("green", "estate"), 2, ("草坪被踩出一条路，露出黄土", "有人在绿地里种菜"), (), "已补种并设提示"),
    Happening("event:0107", "street", ("street",), 2, ("沿街树上拉绳晾被子", "护栏上晾晒衣物"), (), "晾晒物已收走"),
    Happening("event:0128", "stalls", ("street", "market"), 2, ("店门口音响声音太大", "促销喇叭从早放到晚"), (), "音响已关小并承诺整改"),
    Happening("event:0304", "street", ("industry", "street"), 2, ("工地没有洒水，尘土很大", "土方没有盖网"), (), "已洒水并覆盖"),
    Happening("event:0506", "water", STREETS, 2, ("低洼处积水，约十厘米深", "下雨后积水漫过路沿"), WET, "积水已排除，雨水口已疏通"),
    Happening("event:0503", "water", ("street", "estate"), 2, ("下水道堵了，污水冒上来", "污水井往外冒水"), WET, "管道已疏通"),
    Happening("component:0101", "cover", STREETS, 2, ("井盖破了一角，车过有响声", "井盖松动，踩上去会翻"), (), "井盖已更换"),
    Happening("component:0103", "cover", STREETS, 2, ("雨水井盖移位，露出缝", "雨水井盖破损"), WET, "井盖已复位固定"),
    Happening("component:0104", "cover", STREETS, 2, ("雨水箅子断了一根", "雨水箅子被落叶堵住"), WET, "箅子已更换疏通"),
    Happening("component:0137", "lamp", STREETS, 5, ("路灯连续三盏不亮", "路灯一闪一闪", "晚上这段路很黑，路灯没亮"), COLD, "灯具已修复，夜间试亮正常"),
    Happening("component:0217", "road", STREETS, 2, ("护栏被撞歪了一段", "护栏缺了两节"), (), "护栏已修复"),
    Happening("component:0284", "road", STREETS, 3, ("盲道砖破了，老人走路不便", "人行道塌了一小块"), (), "人行道已修复"),
    Happening("component:0305", "rubbish", ("street", "green"), 2, ("果皮箱门掉了", "垃圾箱倒了"), (), "果皮箱已修好"),
    Happening("component:0402", "green", ("street", "green"), 3, ("行道树枯枝快掉下来了", "树枝挡住了红绿灯"), (), "已修剪枯枝"),
    Happening("component:0407", "street", ("green", "street"), 1, ("座椅木条断了", "座椅松动"), (), "座椅已修好"),
    Happening("demand:0101", "", ("estate",), 3, ("楼上深夜有敲击声，影响休息", "隔壁清早练琴声音很大"), (), "已上门调解，双方约定安静时段"),
    Happening("demand:0103", "", ("estate",), 3, ("电梯停了两天没人修", "物业打扫不及时，楼道很脏"), (), "物业已整改并上门说明"),
    Happening("demand:0104", "", ("estate",), 3, ("固定车位被别人占了", "小区内车辆堵住出口"), (), "已协调挪车并加装地锁提示"),
    Happening("demand:0106", "", ("estate",), 3, ("楼道里有人给电动车充电", "楼道堆了纸箱，怕着火"), (), "已清走并加装提示牌"),
    Happening("demand:0108", "", ("estate",), 3, ("单元门锁坏了，关不上", "健身器材松动，怕伤到孩子"), (), "已维修"),
    Happening("demand:0109", "", ("estate",), 2, ("今天一早停水，没有通知", "暖气不热，只有十五度"), COLD, "供应已恢复"),
    Happening("demand:0111", "", ("estate", "public"), 2, ("老年证在哪里办，要带什么", "居住证怎么续签"), (), ""),
    Happening("demand:0112", "", ("estate", "public"), 1, ("高龄补贴多大年纪可以申请", "加装电梯有补助吗"), (), ""),
)  # fmt: skip
