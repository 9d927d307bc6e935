/** The icons of the pages by their Tabler names, imported one by one. */
import AdjustmentsHorizontal from "@tabler/icons-react/icons/IconAdjustmentsHorizontal";
import AlertCircle from "@tabler/icons-react/icons/IconAlertCircle";
import AlertOctagon from "@tabler/icons-react/icons/IconAlertOctagon";
import AlertTriangle from "@tabler/icons-react/icons/IconAlertTriangle";
import Archive from "@tabler/icons-react/icons/IconArchive";
import ArrowBackUp from "@tabler/icons-react/icons/IconArrowBackUp";
import ArrowDown from "@tabler/icons-react/icons/IconArrowDown";
import ArrowLeft from "@tabler/icons-react/icons/IconArrowLeft";
import ArrowsExchange from "@tabler/icons-react/icons/IconArrowsExchange";
import ArrowUp from "@tabler/icons-react/icons/IconArrowUp";
import At from "@tabler/icons-react/icons/IconAt";
import Bell from "@tabler/icons-react/icons/IconBell";
import Bolt from "@tabler/icons-react/icons/IconBolt";
import Check from "@tabler/icons-react/icons/IconCheck";
import ChevronDown from "@tabler/icons-react/icons/IconChevronDown";
import ChevronLeft from "@tabler/icons-react/icons/IconChevronLeft";
import ChevronRight from "@tabler/icons-react/icons/IconChevronRight";
import CircleCheck from "@tabler/icons-react/icons/IconCircleCheck";
import CircleDashed from "@tabler/icons-react/icons/IconCircleDashed";
import CircleMinus from "@tabler/icons-react/icons/IconCircleMinus";
import CircleX from "@tabler/icons-react/icons/IconCircleX";
import CircuitSwitchOpen from "@tabler/icons-react/icons/IconCircuitSwitchOpen";
import Clock from "@tabler/icons-react/icons/IconClock";
import ClockExclamation from "@tabler/icons-react/icons/IconClockExclamation";
import ClockPause from "@tabler/icons-react/icons/IconClockPause";
import CloudOff from "@tabler/icons-react/icons/IconCloudOff";
import Code from "@tabler/icons-react/icons/IconCode";
import Copy from "@tabler/icons-react/icons/IconCopy";
import DatabaseOff from "@tabler/icons-react/icons/IconDatabaseOff";
import DeviceDesktopX from "@tabler/icons-react/icons/IconDeviceDesktopX";
import DeviceMobile from "@tabler/icons-react/icons/IconDeviceMobile";
import DeviceMobileCheck from "@tabler/icons-react/icons/IconDeviceMobileCheck";
import DeviceMobilePlus from "@tabler/icons-react/icons/IconDeviceMobilePlus";
import Dots from "@tabler/icons-react/icons/IconDots";
import Download from "@tabler/icons-react/icons/IconDownload";
import ExternalLink from "@tabler/icons-react/icons/IconExternalLink";
import Eye from "@tabler/icons-react/icons/IconEye";
import EyeOff from "@tabler/icons-react/icons/IconEyeOff";
import FileAlert from "@tabler/icons-react/icons/IconFileAlert";
import FileImport from "@tabler/icons-react/icons/IconFileImport";
import FileText from "@tabler/icons-react/icons/IconFileText";
import Fingerprint from "@tabler/icons-react/icons/IconFingerprint";
import Folder from "@tabler/icons-react/icons/IconFolder";
import FolderDown from "@tabler/icons-react/icons/IconFolderDown";
import FolderOpen from "@tabler/icons-react/icons/IconFolderOpen";
import GripVertical from "@tabler/icons-react/icons/IconGripVertical";
import History from "@tabler/icons-react/icons/IconHistory";
import Home from "@tabler/icons-react/icons/IconHome";
import Hourglass from "@tabler/icons-react/icons/IconHourglass";
import InfoCircle from "@tabler/icons-react/icons/IconInfoCircle";
import KeyOff from "@tabler/icons-react/icons/IconKeyOff";
import Language from "@tabler/icons-react/icons/IconLanguage";
import Loader2 from "@tabler/icons-react/icons/IconLoader2";
import Lock from "@tabler/icons-react/icons/IconLock";
import Login from "@tabler/icons-react/icons/IconLogin";
import Logout from "@tabler/icons-react/icons/IconLogout";
import Message2 from "@tabler/icons-react/icons/IconMessage2";
import MessageCircle from "@tabler/icons-react/icons/IconMessageCircle";
import Package from "@tabler/icons-react/icons/IconPackage";
import PackageOff from "@tabler/icons-react/icons/IconPackageOff";
import Pencil from "@tabler/icons-react/icons/IconPencil";
import Photo from "@tabler/icons-react/icons/IconPhoto";
import PlayerPause from "@tabler/icons-react/icons/IconPlayerPause";
import PlayerPlay from "@tabler/icons-react/icons/IconPlayerPlay";
import PlayerStop from "@tabler/icons-react/icons/IconPlayerStop";
import PlugConnected from "@tabler/icons-react/icons/IconPlugConnected";
import PlugConnectedX from "@tabler/icons-react/icons/IconPlugConnectedX";
import PlugX from "@tabler/icons-react/icons/IconPlugX";
import Plus from "@tabler/icons-react/icons/IconPlus";
import Power from "@tabler/icons-react/icons/IconPower";
import Puzzle from "@tabler/icons-react/icons/IconPuzzle";
import Qrcode from "@tabler/icons-react/icons/IconQrcode";
import QrcodeOff from "@tabler/icons-react/icons/IconQrcodeOff";
import QuestionMark from "@tabler/icons-react/icons/IconQuestionMark";
import Refresh from "@tabler/icons-react/icons/IconRefresh";
import Robot from "@tabler/icons-react/icons/IconRobot";
import Search from "@tabler/icons-react/icons/IconSearch";
import Send from "@tabler/icons-react/icons/IconSend";
import Settings from "@tabler/icons-react/icons/IconSettings";
import ShieldX from "@tabler/icons-react/icons/IconShieldX";
import Signature from "@tabler/icons-react/icons/IconSignature";
import SignatureOff from "@tabler/icons-react/icons/IconSignatureOff";
import Stethoscope from "@tabler/icons-react/icons/IconStethoscope";
import Trash from "@tabler/icons-react/icons/IconTrash";
import User from "@tabler/icons-react/icons/IconUser";
import UserExclamation from "@tabler/icons-react/icons/IconUserExclamation";
import UserOff from "@tabler/icons-react/icons/IconUserOff";
import WifiOff from "@tabler/icons-react/icons/IconWifiOff";
import World from "@tabler/icons-react/icons/IconWorld";
import WorldExclamation from "@tabler/icons-react/icons/IconWorldExclamation";
import X from "@tabler/icons-react/icons/IconX";

export const ICONS = {
  "adjustments-horizontal": AdjustmentsHorizontal,
  "alert-circle": AlertCircle,
  "alert-octagon": AlertOctagon,
  "alert-triangle": AlertTriangle,
  archive: Archive,
  "arrow-back-up": ArrowBackUp,
  "arrow-down": ArrowDown,
  "arrow-left": ArrowLeft,
  "arrow-up": ArrowUp,
  "arrows-exchange": ArrowsExchange,
  at: At,
  bell: Bell,
  bolt: Bolt,
  check: Check,
  "chevron-down": ChevronDown,
  "chevron-left": ChevronLeft,
  "chevron-right": ChevronRight,
  "circle-check": CircleCheck,
  "circle-dashed": CircleDashed,
  "circle-minus": CircleMinus,
  "circle-x": CircleX,
  "circuit-switch-open": CircuitSwitchOpen,
  clock: Clock,
  "clock-exclamation": ClockExclamation,
  "clock-pause": ClockPause,
  "cloud-off": CloudOff,
  code: Code,
  copy: Copy,
  "database-off": DatabaseOff,
  "device-desktop-x": DeviceDesktopX,
  "device-mobile": DeviceMobile,
  "device-mobile-check": DeviceMobileCheck,
  "device-mobile-plus": DeviceMobilePlus,
  dots: Dots,
  download: Download,
  "external-link": ExternalLink,
  eye: Eye,
  "eye-off": EyeOff,
  "file-alert": FileAlert,
  "file-import": FileImport,
  "file-text": FileText,
  fingerprint: Fingerprint,
  folder: Folder,
  "folder-down": FolderDown,
  "folder-open": FolderOpen,
  "grip-vertical": GripVertical,
  history: History,
  home: Home,
  hourglass: Hourglass,
  "info-circle": InfoCircle,
  "key-off": KeyOff,
  language: Language,
  "loader-2": Loader2,
  lock: Lock,
  login: Login,
  logout: Logout,
  "message-2": Message2,
  "message-circle": MessageCircle,
  package: Package,
  "package-off": PackageOff,
  pencil: Pencil,
  photo: Photo,
  "player-pause": PlayerPause,
  "player-play": PlayerPlay,
  "player-stop": PlayerStop,
  "plug-connected": PlugConnected,
  "plug-connected-x": PlugConnectedX,
  "plug-x": PlugX,
  plus: Plus,
  power: Power,
  puzzle: Puzzle,
  qrcode: Qrcode,
  "qrcode-off": QrcodeOff,
  "question-mark": QuestionMark,
  refresh: Refresh,
  robot: Robot,
  search: Search,
  send: Send,
  settings: Settings,
  "shield-x": ShieldX,
  signature: Signature,
  "signature-off": SignatureOff,
  stethoscope: Stethoscope,
  trash: Trash,
  user: User,
  "user-exclamation": UserExclamation,
  "user-off": UserOff,
  "wifi-off": WifiOff,
  world: World,
  "world-exclamation": WorldExclamation,
  x: X,
};

/** The name of an icon that is here. */
export type IconName = keyof typeof ICONS;
